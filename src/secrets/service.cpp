// SPDX-License-Identifier: Apache-2.0
#include "secrets/service.hpp"

namespace sma::secrets {

SecretService::SecretService(cache::Options options, aws::SecretsManager& secrets_manager, io::Executor upstream,
                             const Clock& clock)
    : loader_(secrets_manager), cache_((options.default_stage = kDefaultStage, options), loader_, upstream, clock) {}

std::optional<Answer> SecretService::from_memory(const Question& question) {
    if (question.refresh_now) return std::nullopt;
    return cache_.hit(view_of(question));
}

io::Task<Result<Answer>> SecretService::ask(cache::Key key, bool refresh_now, std::chrono::nanoseconds limit) {
    const auto freshness = refresh_now ? cache::Freshness::Now : cache::Freshness::Cached;
    return cache_.fetch(std::move(key), freshness, limit);
}

}  // namespace sma::secrets
