// SPDX-License-Identifier: Apache-2.0
// CreateSecret, PutSecretValue, UpdateSecret, UpdateSecretVersionStage, DeleteSecret, RestoreSecret, TagResource,
// UntagResource.
#include "emulator/answer.hpp"

#include <limits>

namespace sma::emulator {

namespace {

constexpr TextRule kName{1, 512};
constexpr TextRule kToken{32, 64};
constexpr TextRule kDescription{0, 2048};
constexpr TextRule kKmsKey{0, 2048};
constexpr TextRule kType{0, 256};
constexpr TextRule kTagKey{1, 128};
constexpr std::size_t kStageLimit = 20;
constexpr std::int64_t kRecoveryMin = 7;
constexpr std::int64_t kRecoveryMax = 30;

/// SDKs generate one; a raw request must bring its own.
std::unexpected<Error> token_needed() {
    return refuse("InvalidRequestException",
                  "You must provide a ClientRequestToken value. We recommend a UUID-type value.");
}

Result<Secret*> active_secret(Call& call, std::string id) {
    const auto permitted = permitted_secret_id(call, std::move(id));
    if (!permitted) return fail(permitted.error());
    return call.store.find_active(*permitted);
}

json::object deletion_answer(std::string_view arn, std::string_view name, WallTime when) {
    json::object answer = new_answer();
    set(answer, "ARN", arn);
    set(answer, "DeletionDate", when);
    set(answer, "Name", name);
    return answer;
}

Reply delete_at_once(Call& call, const std::string& id) {
    const WallTime now = call.store.clock().wall_now();
    auto found = call.store.find(id);
    // What is to be gone and is not there is as it should be.
    if (!found && found.error().code() == "ResourceNotFoundException") {
        const bool is_arn = id.starts_with("arn:");
        return deletion_answer(is_arn ? id : call.store.new_arn(id), name_in(id), now);
    }
    if (!found) return fail(std::move(found.error()));
    json::object answer = deletion_answer((*found)->arn, (*found)->name, now);
    call.store.erase(**found);
    return answer;
}

}  // namespace

Reply create_secret(Call& call) {
    Members& members = call.members;
    NewSecret wanted;
    wanted.name = members.text("Name", kName, Presence::Required).value_or("");
    const auto token = members.text("ClientRequestToken", kToken);
    wanted.description = members.text("Description", kDescription).value_or("");
    wanted.kms_key_id = members.text("KmsKeyId", kKmsKey).value_or("");
    wanted.type = members.text("Type", kType).value_or("");
    wanted.tags = members.tags(Presence::Optional);
    auto value = members.secret_value();
    const auto permitted = permitted_secret_id(call, wanted.name);
    if (!permitted) return fail(permitted.error());
    if (!value) return fail(std::move(value.error()));
    if (members.has("AddReplicaRegions")) {
        return refuse("InvalidParameterException", "This emulator has one region: AddReplicaRegions is not supported.");
    }
    if (*value && !token) return token_needed();
    wanted.value = std::move(*value);
    wanted.token = token.value_or("");
    const bool has_value = wanted.value.has_value();
    const auto secret = call.store.create(std::move(wanted));
    if (!secret) return fail(secret.error());
    json::object answer = answer_for(**secret);
    if (has_value) set(answer, "VersionId", *token);
    return answer;
}

Reply put_secret_value(Call& call) {
    auto id = call.members.text("SecretId", kSecretId, Presence::Required);
    const auto token = call.members.text("ClientRequestToken", kToken);
    auto stages = call.members.texts("VersionStages", 1, kStageLimit, kStage);
    auto value = call.members.secret_value();
    const auto secret = active_secret(call, id.value_or(""));
    if (!secret) return fail(secret.error());
    if (!value) return fail(std::move(value.error()));
    if (!*value) {
        return refuse("InvalidRequestException", "You must provide either SecretString or SecretBinary.");
    }
    if (!token) return token_needed();
    const auto version = call.store.put(**secret, *token, std::move(**value), std::move(stages));
    if (!version) return fail(version.error());
    json::object answer = answer_for(**secret);
    set(answer, "VersionId", (*version)->id);
    answer.emplace("VersionStages", to_array((*version)->stages, answer.storage()));
    return answer;
}

Reply update_secret(Call& call) {
    auto id = call.members.text("SecretId", kSecretId, Presence::Required);
    Changes changes;
    const auto token = call.members.text("ClientRequestToken", kToken);
    changes.description = call.members.text("Description", kDescription);
    changes.kms_key_id = call.members.text("KmsKeyId", kKmsKey);
    changes.type = call.members.text("Type", kType);
    auto value = call.members.secret_value();
    const auto secret = active_secret(call, id.value_or(""));
    if (!secret) return fail(secret.error());
    if (!value) return fail(std::move(value.error()));
    if (*value && !token) return token_needed();
    changes.value = std::move(*value);
    changes.token = token.value_or("");
    const auto version_id = call.store.update(**secret, std::move(changes));
    if (!version_id) return fail(version_id.error());
    json::object answer = answer_for(**secret);
    if (!version_id->empty()) set(answer, "VersionId", *version_id);
    return answer;
}

Reply update_secret_version_stage(Call& call) {
    auto id = call.members.text("SecretId", kSecretId, Presence::Required);
    StageMove move;
    move.stage = call.members.text("VersionStage", kStage, Presence::Required).value_or("");
    move.from = call.members.text("RemoveFromVersionId", kVersionId);
    move.to = call.members.text("MoveToVersionId", kVersionId);
    const auto secret = active_secret(call, id.value_or(""));
    if (!secret) return fail(secret.error());
    if (auto moved = call.store.move_stage(**secret, move); !moved) return fail(std::move(moved.error()));
    return answer_for(**secret);
}

Reply delete_secret(Call& call) {
    auto id = call.members.text("SecretId", kSecretId, Presence::Required);
    const auto window = call.members.number("RecoveryWindowInDays", std::numeric_limits<std::int64_t>::min(),
                                            std::numeric_limits<std::int64_t>::max());
    const bool force = call.members.flag("ForceDeleteWithoutRecovery");
    const auto permitted = permitted_secret_id(call, id.value_or(""));
    if (!permitted) return fail(permitted.error());
    if (force && window) {
        return refuse("InvalidParameterException",
                      "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
    }
    const std::int64_t days = window.value_or(kRecoveryMax);
    if (days < kRecoveryMin || days > kRecoveryMax) {
        return refuse("InvalidParameterException",
                      "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).");
    }
    if (force) return delete_at_once(call, *permitted);
    const auto secret = call.store.find_active(*permitted);
    if (!secret) return fail(secret.error());
    call.store.mark_deleted(**secret, std::chrono::days(days));
    return deletion_answer((*secret)->arn, (*secret)->name, (*secret)->purge_at);
}

Reply restore_secret(Call& call) {
    auto id = call.members.text("SecretId", kSecretId, Presence::Required);
    const auto permitted = permitted_secret_id(call, id.value_or(""));
    if (!permitted) return fail(permitted.error());
    const auto secret = call.store.find(*permitted);
    if (!secret) return fail(secret.error());
    call.store.restore(**secret);
    return answer_for(**secret);
}

Reply tag_resource(Call& call) {
    auto id = call.members.text("SecretId", kSecretId, Presence::Required);
    const auto tags = call.members.tags(Presence::Required);
    const auto secret = active_secret(call, id.value_or(""));
    if (!secret) return fail(secret.error());
    if (auto tagged = call.store.tag(**secret, tags); !tagged) return fail(std::move(tagged.error()));
    return new_answer();
}

Reply untag_resource(Call& call) {
    auto id = call.members.text("SecretId", kSecretId, Presence::Required);
    const auto keys =
        call.members.texts("TagKeys", 0, std::numeric_limits<std::size_t>::max(), kTagKey, Presence::Required);
    const auto secret = active_secret(call, id.value_or(""));
    if (!secret) return fail(secret.error());
    call.store.untag(**secret, keys);
    return new_answer();
}

}  // namespace sma::emulator
