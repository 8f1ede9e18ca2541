// SPDX-License-Identifier: Apache-2.0
// ListSecrets, ListSecretVersionIds.
#include "emulator/answer.hpp"
#include "emulator/description.hpp"
#include "emulator/filters.hpp"
#include "emulator/page.hpp"

#include <algorithm>
#include <cstdio>

namespace sma::emulator {

namespace {

constexpr std::int64_t kPageLimit = 100;

/// Milliseconds in a form that sorts as text; never read sorts first.
std::string sortable(std::optional<WallTime> time) {
    if (!time) return {};
    char text[24];
    std::snprintf(
        text, sizeof text, "%020lld",
        static_cast<long long>(std::chrono::floor<std::chrono::milliseconds>(time->time_since_epoch()).count()));
    return text;
}

Position position_of(const Secret& secret, std::string_view sort_by) {
    if (sort_by == "name") return {secret.name, secret.ordinal};
    if (sort_by == "last-accessed-date") return {sortable(secret.accessed), secret.ordinal};
    if (sort_by == "last-changed-date") return {sortable(secret.changed), secret.ordinal};
    return {sortable(secret.created), secret.ordinal};
}

struct Listing {
    std::string sort_by;
    bool descending = false;
    bool with_deleted = false;
    std::vector<Filter> filters;
    std::size_t limit = kPageLimit;

    [[nodiscard]] std::string question() const {
        return "list " + sort_by + (descending ? " desc " : " asc ") + (with_deleted ? "all " : "active ") +
               describe(filters);
    }
};

Listing read_listing(Members& members) {
    Listing listing;
    listing.with_deleted = members.flag("IncludePlannedDeletion");
    listing.limit = static_cast<std::size_t>(members.number("MaxResults", 1, kPageLimit).value_or(kPageLimit));
    listing.filters = read_filters(members);
    listing.descending = members.choice("SortOrder", {"asc", "desc"}) == "desc";
    listing.sort_by =
        members.choice("SortBy", {"created-date", "last-accessed-date", "last-changed-date", "name"}).value_or("");
    return listing;
}

using Entry = std::pair<Position, const Secret*>;

std::vector<Entry> select(Call& call, const Listing& listing, const std::optional<Position>& after) {
    std::vector<Entry> entries;
    for (const Secret* secret : call.store.all()) {
        if (secret->deleted && !listing.with_deleted) continue;
        if (!matches(*secret, call.store.region(), listing.filters)) continue;
        Position position = position_of(*secret, listing.sort_by);
        if (after && (listing.descending ? position >= *after : position <= *after)) continue;
        entries.emplace_back(std::move(position), secret);
    }
    std::ranges::sort(entries, {}, &Entry::first);
    if (listing.descending) std::ranges::reverse(entries);
    return entries;
}

json::object version_entry(const Secret& secret, const Version& version, const json::storage_ptr& storage) {
    json::object entry(storage);
    set(entry, "CreatedDate", version.created);
    const std::string key = secret.kms_key_id.empty() ? "DefaultEncryptionKey" : secret.kms_key_id;
    entry.emplace("KmsKeyIds", to_array({key}, storage));
    if (version.accessed) set(entry, "LastAccessedDate", *version.accessed);
    set(entry, "VersionId", version.id);
    if (!version.stages.empty()) entry.emplace("VersionStages", to_array(version.stages, storage));
    return entry;
}

}  // namespace

json::object description(const Secret& secret, std::string_view stages_key) {
    json::object answer = new_answer();
    set(answer, "ARN", secret.arn);
    set(answer, "CreatedDate", secret.created);
    if (secret.deleted) set(answer, "DeletedDate", *secret.deleted);
    if (!secret.description.empty()) set(answer, "Description", secret.description);
    if (!secret.kms_key_id.empty()) set(answer, "KmsKeyId", secret.kms_key_id);
    if (secret.accessed) set(answer, "LastAccessedDate", *secret.accessed);
    set(answer, "LastChangedDate", secret.changed);
    set(answer, "Name", secret.name);
    if (!secret.tags.empty()) {
        json::array tags(answer.storage());
        for (const Tag& tag : secret.tags) {
            json::object entry(answer.storage());
            set(entry, "Key", tag.key);
            set(entry, "Value", tag.value);
            tags.emplace_back(std::move(entry));
        }
        answer.emplace("Tags", std::move(tags));
    }
    if (!secret.type.empty()) set(answer, "Type", secret.type);
    json::object stages(answer.storage());
    for (const Version& version : secret.versions) {
        if (!version.stages.empty()) stages.emplace(version.id, to_array(version.stages, answer.storage()));
    }
    if (!stages.empty()) answer.emplace(stages_key, std::move(stages));
    return answer;
}

std::string describe(const std::vector<Filter>& filters) {
    std::string text;
    for (const Filter& filter : filters) {
        text += filter.key + '\n';
        for (const std::string& value : filter.values)
            text += '\t' + value + '\n';
    }
    return text;
}

Reply list_secrets(Call& call) {
    const Listing listing = read_listing(call.members);
    const auto token = call.members.text("NextToken", kNextToken);
    if (auto valid = call.violations.result(); !valid) return fail(std::move(valid.error()));
    std::optional<Position> after;
    if (token) {
        auto position = parse_next_token(*token, listing.question());
        if (!position) return fail(std::move(position.error()));
        after = std::move(*position);
    }
    auto entries = select(call, listing, after);
    json::object answer = new_answer();
    if (entries.size() > listing.limit) {
        entries.resize(listing.limit);
        set(answer, "NextToken", next_token(listing.question(), entries.back().first));
    }
    json::array secrets(answer.storage());
    for (const Entry& entry : entries)
        secrets.emplace_back(description(*entry.second, "SecretVersionsToStages"));
    answer.emplace("SecretList", std::move(secrets));
    return answer;
}

Reply list_secret_version_ids(Call& call) {
    auto id = call.members.text("SecretId", kSecretId, Presence::Required);
    const bool with_deprecated = call.members.flag("IncludeDeprecated");
    const auto limit = static_cast<std::size_t>(call.members.number("MaxResults", 1, kPageLimit).value_or(kPageLimit));
    const auto token = call.members.text("NextToken", kNextToken);
    const auto permitted = permitted_secret_id(call, id.value_or(""));
    if (!permitted) return fail(permitted.error());
    const auto found = call.store.find(*permitted);
    if (!found) return fail(found.error());
    const Secret& secret = **found;

    const std::string question = "versions " + secret.arn + (with_deprecated ? " all" : "");
    Position after;
    if (token) {
        auto position = parse_next_token(*token, question);
        if (!position) return fail(std::move(position.error()));
        after = std::move(*position);
    }
    json::object answer = answer_for(secret);
    json::array versions(answer.storage());
    std::uint64_t last = 0;
    for (const Version& version : secret.versions) {
        if (version.ordinal <= after.ordinal || (version.stages.empty() && !with_deprecated)) continue;
        if (versions.size() == limit) {
            set(answer, "NextToken", next_token(question, {"", last}));
            break;
        }
        versions.emplace_back(version_entry(secret, version, answer.storage()));
        last = version.ordinal;
    }
    answer.emplace("Versions", std::move(versions));
    return answer;
}

}  // namespace sma::emulator
