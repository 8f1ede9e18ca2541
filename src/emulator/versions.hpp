// SPDX-License-Identifier: Apache-2.0
// How staging labels move between the versions of one secret. Pure functions; not thread-safe.
#pragma once

#include "emulator/store.hpp"

namespace sma::emulator {

/// Puts `stage` on the version, taking it off the one that holds it. AWSCURRENT leaves AWSPREVIOUS behind.
void attach_stage(Secret& secret, std::string_view version_id, const std::string& stage);

/// UpdateSecretVersionStage.
[[nodiscard]] Result<void> move_stage(Secret& secret, const StageMove& move);

/// Versions without labels beyond a hundred go, oldest first, unless they are younger than a day.
void purge_deprecated(Secret& secret, WallTime now);

/// ResourceExistsException: a version's value never changes.
[[nodiscard]] std::unexpected<Error> token_in_use(const Secret& secret, const std::string& token);

}  // namespace sma::emulator
