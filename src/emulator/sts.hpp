// SPDX-License-Identifier: Apache-2.0
// GetCallerIdentity and AssumeRole, in the Query protocol: a form in, XML out. Not thread-safe.
#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "emulator/accounts.hpp"
#include "emulator/codec.hpp"
#include "emulator/http.hpp"

#include <string_view>

namespace sma::emulator {

/// The parameter `name` of a form, or an empty view.
[[nodiscard]] std::string_view parameter(const Form& form, std::string_view name) noexcept;

[[nodiscard]] Response sts_answer(Accounts& accounts, const AccessKey& caller, const Form& form, WallTime now,
                                  std::string_view request_id);

/// An error of authenticate() under the name, and with the status, that STS gives it.
[[nodiscard]] Response sts_error(const Error& error, std::string_view request_id);

}  // namespace sma::emulator
