// SPDX-License-Identifier: Apache-2.0
#include "aws/credentials/chain.hpp"

#include "base/log.hpp"

#include <utility>

namespace sma::aws {

ChainProvider::ChainProvider(std::vector<std::unique_ptr<CredentialsProvider>> providers)
    : providers_(std::move(providers)) {}

std::string_view ChainProvider::name() const noexcept {
    return winner_ == nullptr ? "chain" : winner_->name();
}

io::Task<Result<CredentialsPtr>> ChainProvider::get() {
    if (winner_ != nullptr) co_return co_await winner_->get();
    for (const auto& provider : providers_) {
        Result<CredentialsPtr> found = co_await provider->get();
        if (!found) co_return found;
        if (!*found) continue;
        winner_ = provider.get();
        log::debug("aws", "credentials from {} ({})", (*found)->source, winner_->name());
        co_return found;
    }
    co_return CredentialsPtr();
}

void ChainProvider::forget(const CredentialsPtr& refused) {
    if (winner_ != nullptr) winner_->forget(refused);
}

}  // namespace sma::aws
