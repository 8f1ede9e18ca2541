// SPDX-License-Identifier: Apache-2.0
#include "secrets/loader.hpp"

#include "aws/retry.hpp"
#include "base/log.hpp"
#include "secrets/render.hpp"

#include <algorithm>
#include <array>

namespace sma::secrets {
namespace {

using cache::Disposition;
using cache::Failure;

// Deleted or marked for deletion, denied, or encrypted with a key that is disabled.
constexpr std::array<std::string_view, 5> kDefinite = {"ResourceNotFoundException", "InvalidRequestException",
                                                       "AccessDeniedException", "AccessDenied", "DecryptionFailure"};

template <class Range>
bool contains(const Range& range, std::string_view wanted) {
    return std::ranges::find(range, wanted) != std::ranges::end(range);
}

constexpr std::size_t kSuffix = 7;  // "-xxxxxx"

bool is_arn(std::string_view id) {
    return id.starts_with("arn:");
}

Failure failed(const cache::Key& key, std::string_view operation, const Error& error) {
    log::warn("secrets", "{} failed for secret \"{}\": {}", operation, key.id.substr(0, 256), error.describe());
    return {error, disposition(error)};
}

}  // namespace

Disposition disposition(const Error& error) {
    // Beyond the retry table: every 5xx, and 429. A quota that is used up is worth a retry but does not pass by itself.
    const bool trouble = error.http_status() >= 500 || error.http_status() == 429;
    const bool quota = error.code() == "LimitExceededException";
    if (trouble || (!quota && aws::classify(error) != aws::RetryClass::Never)) return Disposition::Transient;
    return contains(kDefinite, error.code()) ? Disposition::Definite : Disposition::Other;
}

bool is_current(const cache::Key& key, const cache::Value& value, const aws::SecretDescription& description) {
    if (!description.version_ids_to_stages) return false;
    const auto& versions = *description.version_ids_to_stages;
    const auto version = versions.find(key.version ? *key.version : value.version);
    if (version == versions.end()) return false;
    if (key.version && !key.stage) return true;
    return contains(version->second, key.stage.value_or(kDefaultStage));
}

io::Task<cache::Loaded> Loader::load(cache::Key key, cache::ValuePtr previous) {
    if (previous) {
        const Result<aws::SecretDescription> description =
            co_await secrets_manager_.describe_secret(previous->identity);
        if (description) {
            if (is_current(key, *previous, *description)) co_return cache::Unchanged{};
        } else if (disposition(description.error()) != Disposition::Definite) {
            co_return failed(key, "DescribeSecret", description.error());
        }
        // A definite no is not the last word: the principal may read without being allowed to describe, and a name may
        // have been given to a new secret. GetSecretValue decides.
    }
    co_return co_await get(std::move(key));
}

io::Task<cache::Loaded> Loader::get(cache::Key key) {
    Result<aws::SecretValue> value = co_await secrets_manager_.get_secret_value(key.id, key.version, key.stage);
    if (!value) co_return failed(key, "GetSecretValue", value.error());
    auto loaded = std::make_shared<const cache::Value>(cache::Value{
        .identity = value->arn.value_or(key.id), .version = value->version_id.value_or(""), .body = render(*value)});
    secret_memory::warn_if_not_locked();
    co_return cache::Fresh{std::move(loaded), aliases_of(key.id, *value)};
}

std::vector<std::string> Loader::aliases_of(const std::string& asked, const aws::SecretValue& value) {
    if (!value.arn || !value.name) return {};
    // An ARN is "HOME" "NAME" "-xxxxxx", the last six characters being random.
    const std::string& arn = *value.arn;
    const std::string& name = *value.name;
    if (arn.size() <= name.size() + kSuffix) return {};
    const std::string partial = arn.substr(0, arn.size() - kSuffix);
    if (!partial.ends_with(name)) return {};
    const std::string home = partial.substr(0, partial.size() - name.size());
    std::vector<std::string> aliases;
    // An id that ends in a hyphen and six characters is read as complete: then the partial ARN means another secret.
    if (name.size() < kSuffix || name[name.size() - kSuffix] != '-') aliases.push_back(partial);
    if (!is_arn(asked)) home_ = home;
    // A name means the secret of this account and region: one read from elsewhere by ARN is not found by its name.
    if (home == home_) aliases.push_back(name);
    return aliases;
}

}  // namespace sma::secrets
