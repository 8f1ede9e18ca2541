// SPDX-License-Identifier: Apache-2.0
// GetSecretValue, BatchGetSecretValue, DescribeSecret.
#include "emulator/answer.hpp"
#include "emulator/codec.hpp"
#include "emulator/description.hpp"
#include "emulator/filters.hpp"
#include "emulator/page.hpp"

#include <algorithm>

namespace sma::emulator {

namespace {

constexpr std::int64_t kBatchLimit = 20;

json::object value_answer(const Reading& reading) {
    const Version& version = *reading.version;
    json::object answer = new_answer();
    set(answer, "ARN", reading.secret->arn);
    set(answer, "CreatedDate", version.created);
    set(answer, "Name", reading.secret->name);
    if (version.value.binary) {
        const SecretBytes text = base64_encode(version.value.bytes.reveal());
        set(answer, "SecretBinary", text.reveal());
    } else {
        set(answer, "SecretString", version.value.bytes.reveal());
    }
    set(answer, "VersionId", version.id);
    answer.emplace("VersionStages", to_array(version.stages, answer.storage()));
    return answer;
}

/// A batch in the making: what cannot be read is listed beside what can.
class Batch {
public:
    explicit Batch(Call& call) : call_(call) {}

    void add(const std::string& id) {
        if (auto allowed = authorize(call_, "GetSecretValue", id); !allowed) return add_error(id, allowed.error());
        auto reading = call_.store.read(id, std::nullopt, std::nullopt);
        if (!reading) return add_error(id, reading.error());
        values_.emplace_back(value_answer(*reading));
    }

    [[nodiscard]] json::object finish(const std::optional<std::string>& token) && {
        json::object answer = new_answer();
        answer.emplace("Errors", std::move(errors_));
        if (token) set(answer, "NextToken", *token);
        answer.emplace("SecretValues", std::move(values_));
        return answer;
    }

private:
    void add_error(const std::string& id, const Error& error) {
        json::object entry(errors_.storage());
        set(entry, "ErrorCode", error.code());
        set(entry, "Message", error.message());
        set(entry, "SecretId", id);
        errors_.emplace_back(std::move(entry));
    }

    Call& call_;
    json::array errors_ = json::array(aws::secret_storage());
    json::array values_ = json::array(aws::secret_storage());
};

/// The secrets the filters select, by order of creation, from the page that `token` names.
Reply batch_by_filters(Call& call, const std::vector<Filter>& filters, std::size_t limit,
                       const std::optional<std::string>& token) {
    const std::string question = "batch " + describe(filters);
    Position after;
    if (token) {
        auto position = parse_next_token(*token, question);
        if (!position) return fail(std::move(position.error()));
        after = std::move(*position);
    }
    auto secrets = call.store.all();
    std::erase_if(secrets, [&](const Secret* secret) {
        return secret->deleted || secret->ordinal <= after.ordinal || !matches(*secret, call.store.region(), filters);
    });
    std::ranges::sort(secrets, {}, &Secret::ordinal);
    std::optional<std::string> next;
    if (secrets.size() > limit) {
        secrets.resize(limit);
        next = next_token(question, {"", secrets.back()->ordinal});
    }
    Batch batch(call);
    for (const Secret* secret : secrets)
        batch.add(secret->arn);
    return std::move(batch).finish(next);
}

}  // namespace

Reply get_secret_value(Call& call) {
    auto id = call.members.text("SecretId", kSecretId, Presence::Required);
    const auto version_id = call.members.text("VersionId", kVersionId);
    const auto stage = call.members.text("VersionStage", kStage);
    const auto permitted = permitted_secret_id(call, id.value_or(""));
    if (!permitted) return fail(permitted.error());
    const auto reading = call.store.read(*permitted, version_id, stage);
    if (!reading) return fail(reading.error());
    return value_answer(*reading);
}

Reply batch_get_secret_value(Call& call) {
    const bool by_list = call.members.has("SecretIdList");
    const bool by_filters = call.members.has("Filters");
    const auto ids = call.members.texts("SecretIdList", 1, kBatchLimit, kSecretId);
    const auto filters = read_filters(call.members);
    const auto limit = call.members.number("MaxResults", 1, kBatchLimit);
    const auto token = call.members.text("NextToken", kNextToken);
    if (auto valid = call.violations.result(); !valid) return fail(std::move(valid.error()));
    if (by_list == by_filters) {
        return refuse("InvalidParameterException",
                      "Either 'SecretIdList' or 'Filters' must be provided, but not both.");
    }
    if (limit && by_list) {
        return refuse("InvalidParameterException",
                      "'Filters' not specified. 'Filters' must also be specified when 'MaxResults' is provided.");
    }
    if (by_filters) {
        return batch_by_filters(call, filters, static_cast<std::size_t>(limit.value_or(kBatchLimit)), token);
    }
    Batch batch(call);
    for (const std::string& id : ids)
        batch.add(id);
    return std::move(batch).finish(std::nullopt);
}

Reply describe_secret(Call& call) {
    auto id = call.members.text("SecretId", kSecretId, Presence::Required);
    const auto permitted = permitted_secret_id(call, id.value_or(""));
    if (!permitted) return fail(permitted.error());
    const auto secret = call.store.find(*permitted);
    if (!secret) return fail(secret.error());
    return description(**secret, "VersionIdsToStages");
}

}  // namespace sma::emulator
