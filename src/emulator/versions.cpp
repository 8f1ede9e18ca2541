// SPDX-License-Identifier: Apache-2.0
#include "emulator/versions.hpp"

#include <algorithm>
#include <chrono>

namespace sma::emulator {

namespace {

constexpr std::ptrdiff_t kDeprecatedLimit = 100;
constexpr std::size_t kStageLimit = 20;
constexpr std::chrono::hours kDeprecatedAge{24};

void take_off(Secret& secret, std::string_view stage) {
    if (Version* holder = secret.find_stage(stage)) std::erase(holder->stages, stage);
}

/// `from` names a version that holds the label, or is absent while none does.
Result<void> check_from(const Version* holder, const StageMove& move) {
    const std::string label = "Staging label " + move.stage;
    if (holder == nullptr) {
        if (!move.from) return {};
        return refuse("InvalidParameterException", label + " is not currently attached to version " + *move.from + ".");
    }
    if (move.from == holder->id) return {};
    if (!move.from && move.to == holder->id) return {};  // it is there already
    const std::string attached = label + " is currently attached to version " + holder->id +
                                 ", so you must explicitly reference that version in RemoveFromVersionId.";
    return refuse("InvalidParameterException",
                  move.from ? attached : "The parameter RemoveFromVersionId can't be empty. " + attached);
}

}  // namespace

bool Version::has_stage(std::string_view stage) const noexcept {
    return std::ranges::find(stages, stage) != stages.end();
}

void attach_stage(Secret& secret, std::string_view version_id, const std::string& stage) {
    Version* target = secret.find_version(version_id);
    if (target == nullptr || target->has_stage(stage)) return;
    Version* holder = secret.find_stage(stage);
    if (holder != nullptr) std::erase(holder->stages, stage);
    target->stages.push_back(stage);
    if (stage == kCurrent && holder != nullptr) {
        take_off(secret, kPrevious);
        holder->stages.emplace_back(kPrevious);
    }
}

Result<void> move_stage(Secret& secret, const StageMove& move) {
    if (!move.from && !move.to) {
        return refuse("InvalidParameterException",
                      "You must provide RemoveFromVersionId, MoveToVersionId, or both of them.");
    }
    for (const auto& id : {move.from, move.to}) {
        if (!id || secret.find_version(*id) != nullptr) continue;
        return refuse("ResourceNotFoundException",
                      "Secrets Manager can't find the specified secret value for VersionId: " + *id);
    }
    if (auto good = check_from(secret.find_stage(move.stage), move); !good) return good;
    if (!move.to) {
        if (move.stage == kCurrent) {
            return refuse("InvalidParameterException",
                          "You can only move staging label AWSCURRENT to a different secret "
                          "version. It can't be completely removed.");
        }
        take_off(secret, move.stage);
        return {};
    }
    const Version& target = *secret.find_version(*move.to);
    if (target.stages.size() >= kStageLimit && !target.has_stage(move.stage)) {
        return refuse("LimitExceededException", "You can't attach more than 20 staging labels to a version.");
    }
    attach_stage(secret, *move.to, move.stage);
    return {};
}

void purge_deprecated(Secret& secret, WallTime now) {
    const auto deprecated = [](const Version& version) { return version.stages.empty(); };
    auto surplus = std::ranges::count_if(secret.versions, deprecated) - kDeprecatedLimit;
    std::erase_if(secret.versions, [&](const Version& version) {
        if (surplus <= 0 || !deprecated(version) || now - version.created < kDeprecatedAge) return false;
        --surplus;
        return true;
    });
}

std::unexpected<Error> token_in_use(const Secret& secret, const std::string& token) {
    return refuse("ResourceExistsException", "You can't use ClientRequestToken " + token +
                                                 " because that value is already in use for a version of secret " +
                                                 secret.arn + ".");
}

}  // namespace sma::emulator
