// SPDX-License-Identifier: Apache-2.0
// The first of several providers that has something to say, and from then on that one alone.
#pragma once

#include "aws/credentials/provider.hpp"

#include <memory>
#include <vector>

namespace sma::aws {

class ChainProvider final : public CredentialsProvider {
public:
    explicit ChainProvider(std::vector<std::unique_ptr<CredentialsProvider>> providers);
    [[nodiscard]] std::string_view name() const noexcept override;
    /// Walks the chain until a provider has credentials; an error ends the walk. Null when none has: the next call
    /// walks again.
    [[nodiscard]] io::Task<Result<CredentialsPtr>> get() override;
    void forget(const CredentialsPtr& refused) override;

private:
    std::vector<std::unique_ptr<CredentialsProvider>> providers_;
    CredentialsProvider* winner_ = nullptr;
};

}  // namespace sma::aws
