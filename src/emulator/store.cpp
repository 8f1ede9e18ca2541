// SPDX-License-Identifier: Apache-2.0
#include "emulator/store.hpp"

#include "aws/endpoint.hpp"
#include "base/ascii.hpp"
#include "base/random.hpp"
#include "emulator/versions.hpp"

#include <algorithm>
#include <chrono>

namespace sma::emulator {

namespace {

constexpr std::size_t kSuffix = 6;
constexpr std::size_t kTagLimit = 50;
constexpr std::string_view kSecretPart = ":secret:";

/// "-AbCdEf": what ends a complete ARN.
bool ends_with_suffix(std::string_view text) noexcept {
    if (text.size() <= kSuffix + 1 || text[text.size() - kSuffix - 1] != '-') return false;
    return std::ranges::all_of(text.substr(text.size() - kSuffix), ascii::is_alnum);
}

std::string_view resource_of(std::string_view arn) noexcept {
    const std::size_t at = arn.find(kSecretPart);
    return at == std::string_view::npos ? std::string_view() : arn.substr(at + kSecretPart.size());
}

std::unexpected<Error> not_found() {
    return refuse("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
}

std::unexpected<Error> no_value(const std::string& what) {
    return refuse("ResourceNotFoundException", "Secrets Manager can't find the specified secret value for " + what);
}

WallTime day_of(WallTime time) {
    return std::chrono::floor<std::chrono::days>(time);
}

Result<void> check_tags(const std::vector<Tag>& tags) {
    if (tags.size() > kTagLimit) {  // first: the search for duplicates is quadratic
        return refuse("InvalidParameterException", "You can't attach more than 50 tags to a secret.");
    }
    for (const Tag& tag : tags) {
        if (tag.key.starts_with("aws:")) {
            return refuse("InvalidParameterException", "aws: prefixed tag key names are not allowed for external use.");
        }
        if (std::ranges::count(tags, tag.key, &Tag::key) > 1) {
            return refuse("InvalidParameterException", "Duplicate tag keys found: " + tag.key);
        }
    }
    return {};
}

/// The secret exists: the same token with the same value is a repetition, anything else a clash.
Result<Secret*> create_again(Secret& secret, const NewSecret& wanted) {
    if (secret.deleted) {
        return refuse("InvalidRequestException", "You can't create this secret because a secret with this name is "
                                                 "already scheduled for deletion.");
    }
    const Version* version = wanted.value ? secret.find_version(wanted.token) : nullptr;
    if (version != nullptr && version->value.same_as(*wanted.value)) return &secret;
    if (version != nullptr) return token_in_use(secret, wanted.token);
    return refuse("ResourceExistsException",
                  "The operation failed because the secret " + wanted.name + " already exists.");
}

}  // namespace

bool is_secret_name(std::string_view name) noexcept {
    constexpr std::string_view others = "/_+=.@-!";
    return !name.empty() && std::ranges::all_of(name, [&](char c) {
        return ascii::is_alnum(c) || others.find(c) != std::string_view::npos;
    });
}

std::string_view name_in(std::string_view id) noexcept {
    if (!id.starts_with("arn:")) return id;
    std::string_view name = resource_of(id);
    if (ends_with_suffix(name)) name.remove_suffix(kSuffix + 1);
    return name;
}

Version* Secret::find_version(std::string_view id) noexcept {
    const auto found = std::ranges::find(versions, id, &Version::id);
    return found == versions.end() ? nullptr : &*found;
}

Version* Secret::find_stage(std::string_view stage) noexcept {
    const auto found = std::ranges::find_if(versions, [&](const Version& version) { return version.has_stage(stage); });
    return found == versions.end() ? nullptr : &*found;
}

Store::Store(const Clock& clock, std::string region, std::string account)
    : clock_(clock), region_(std::move(region)), account_(std::move(account)) {}

Result<Secret*> Store::find(std::string_view id) {
    drop_purged();
    if (!id.starts_with("arn:")) {
        if (!is_secret_name(id)) return refuse("ValidationException", kInvalidName);
        const auto found = secrets_.find(id);
        if (found == secrets_.end()) return not_found();
        return &found->second;
    }
    const std::string_view resource = resource_of(id);
    if (!is_secret_name(resource)) return refuse("ValidationException", kInvalidName);
    // An ARN that ends in a hyphen and six characters is taken as complete, even if it is a partial ARN of such a name.
    const bool complete = ends_with_suffix(resource);
    const auto found = secrets_.find(complete ? resource.substr(0, resource.size() - kSuffix - 1) : resource);
    if (found == secrets_.end()) return not_found();
    const std::string_view arn = found->second.arn;
    if (id != (complete ? arn : arn.substr(0, arn.size() - kSuffix - 1))) return not_found();
    return &found->second;
}

Result<Secret*> Store::find_active(std::string_view id) {
    auto secret = find(id);
    if (secret && (*secret)->deleted) {
        return refuse("InvalidRequestException",
                      "You can't perform this operation on the secret because it was marked for deletion.");
    }
    return secret;
}

std::vector<Secret*> Store::all() {
    drop_purged();
    std::vector<Secret*> all;
    all.reserve(secrets_.size());
    for (auto& [name, secret] : secrets_)
        all.push_back(&secret);
    return all;
}

Result<Reading> Store::read(std::string_view id, const std::optional<std::string>& version_id,
                            const std::optional<std::string>& stage) {
    auto found = find_active(id);
    if (!found) return fail(std::move(found.error()));
    Secret& secret = **found;
    const std::string label = stage.value_or(kCurrent);
    Version* version = version_id ? secret.find_version(*version_id) : secret.find_stage(label);
    if (version == nullptr) return no_value(version_id ? "VersionId: " + *version_id : "staging label: " + label);
    if (version_id && stage && !version->has_stage(*stage)) {
        return refuse("InvalidRequestException",
                      "You provided a VersionStage that is not associated to the provided VersionId.");
    }
    secret.accessed = version->accessed = day_of(clock_.wall_now());
    return Reading{&secret, version};
}

Result<Secret*> Store::create(NewSecret wanted) {
    drop_purged();
    if (!is_secret_name(wanted.name)) return refuse("ValidationException", kInvalidName);
    if (const auto existing = secrets_.find(wanted.name); existing != secrets_.end()) {
        return create_again(existing->second, wanted);
    }
    if (auto tags = check_tags(wanted.tags); !tags) return fail(std::move(tags.error()));
    Secret secret;
    secret.arn = new_arn(wanted.name);
    secret.name = wanted.name;
    secret.description = std::move(wanted.description);
    secret.kms_key_id = std::move(wanted.kms_key_id);
    secret.type = std::move(wanted.type);
    secret.tags = std::move(wanted.tags);
    secret.created = secret.changed = clock_.wall_now();
    secret.ordinal = next_ordinal_++;
    if (wanted.value) add_version(secret, std::move(wanted.token), std::move(*wanted.value), {kCurrent});
    return &secrets_.insert_or_assign(std::move(wanted.name), std::move(secret)).first->second;
}

Result<Version*> Store::put(Secret& secret, const std::string& token, SecretValue value,
                            std::vector<std::string> stages) {
    if (Version* known = secret.find_version(token)) {
        if (known->value.same_as(value)) return known;
        return token_in_use(secret, token);
    }
    if (stages.empty()) stages.emplace_back(kCurrent);
    // Whatever labels are asked for, a secret's first version is the current one.
    if (secret.versions.empty() && std::ranges::find(stages, kCurrent) == stages.end()) stages.emplace_back(kCurrent);
    add_version(secret, token, std::move(value), {});
    for (const std::string& stage : stages)
        attach_stage(secret, token, stage);
    purge_deprecated(secret, clock_.wall_now());
    touch(secret);
    return secret.find_version(token);
}

Result<std::string> Store::update(Secret& secret, Changes changes) {
    if (changes.value && secret.find_version(changes.token) != nullptr) return token_in_use(secret, changes.token);
    if (changes.description) secret.description = std::move(*changes.description);
    if (changes.kms_key_id) secret.kms_key_id = std::move(*changes.kms_key_id);
    if (changes.type) secret.type = std::move(*changes.type);
    touch(secret);
    if (!changes.value) return std::string();
    auto version = put(secret, changes.token, std::move(*changes.value), {});
    if (!version) return fail(std::move(version.error()));
    return (*version)->id;
}

Result<void> Store::move_stage(Secret& secret, const StageMove& move) {
    auto moved = emulator::move_stage(secret, move);
    if (moved) {
        purge_deprecated(secret, clock_.wall_now());
        touch(secret);
    }
    return moved;
}

void Store::mark_deleted(Secret& secret, std::chrono::days window) {
    secret.deleted = clock_.wall_now();
    secret.purge_at = *secret.deleted + window;
    touch(secret);
}

void Store::erase(const Secret& secret) {
    secrets_.erase(std::string(secret.name));
}

void Store::restore(Secret& secret) {
    secret.deleted.reset();
    touch(secret);
}

Result<void> Store::tag(Secret& secret, const std::vector<Tag>& tags) {
    if (auto good = check_tags(tags); !good) return good;
    std::vector<Tag> merged = secret.tags;
    for (const Tag& tag : tags) {
        const auto same = std::ranges::find(merged, tag.key, &Tag::key);
        if (same == merged.end()) {
            merged.push_back(tag);
        } else {
            same->value = tag.value;
        }
    }
    if (auto good = check_tags(merged); !good) return good;
    secret.tags = std::move(merged);
    touch(secret);
    return {};
}

void Store::untag(Secret& secret, const std::vector<std::string>& keys) {
    std::erase_if(secret.tags, [&](const Tag& tag) { return std::ranges::find(keys, tag.key) != keys.end(); });
    touch(secret);
}

void Store::add_version(Secret& secret, std::string id, SecretValue value, std::vector<std::string> stages) {
    Version version;
    version.id = std::move(id);
    version.value = std::move(value);
    version.stages = std::move(stages);
    version.created = clock_.wall_now();
    version.ordinal = next_ordinal_++;
    secret.versions.push_back(std::move(version));
}

std::string Store::new_arn(std::string_view name) const {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    std::string arn = "arn:" + std::string(aws::partition_name(region_)) + ":secretsmanager:" + region_ + ":" +
                      account_ + std::string(kSecretPart) + std::string(name) + "-";
    for (std::size_t i = 0; i < kSuffix; ++i)
        arn += alphabet[random_below(static_cast<std::uint32_t>(alphabet.size()))];
    return arn;
}

void Store::drop_purged() {
    const WallTime now = clock_.wall_now();
    std::erase_if(secrets_, [&](const auto& entry) { return entry.second.deleted && entry.second.purge_at <= now; });
}

}  // namespace sma::emulator
