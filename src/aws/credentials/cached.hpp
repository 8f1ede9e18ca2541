// SPDX-License-Identifier: Apache-2.0
// Keeps another provider's credentials and renews them ahead of their expiration.
//
//   15 min left (less a jitter)  one renewal in the background, the old ones are used
//   10 min left                  callers wait for the renewal
//
// A renewal that fails never throws away credentials that are still valid; its error is what callers get for half a
// minute when there are none. Credentials without expiration are kept.
// At most one call of the inner provider at a time, however many ask. On the upstream loop; destroyed there or after
// it.
#pragma once

#include "aws/credentials/provider.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"

#include <functional>
#include <memory>

namespace sma::aws {

class CachedProvider final : public CredentialsProvider {
public:
    CachedProvider(std::unique_ptr<CredentialsProvider> inner, io::Executor executor, const Clock& clock,
                   std::function<double()> random = random_fraction);
    [[nodiscard]] std::string_view name() const noexcept override;
    [[nodiscard]] io::Task<Result<CredentialsPtr>> get() override;
    /// The next get() asks the inner provider, at most twice a minute.
    void forget(const CredentialsPtr& refused) override;

private:
    struct State;
    /// `state->refreshing` has been set by the caller, so that nobody starts a second one meanwhile.
    static io::Task<void> refresh(std::shared_ptr<State> state);
    std::shared_ptr<State> state_;
};

}  // namespace sma::aws
