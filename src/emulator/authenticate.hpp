// SPDX-License-Identifier: Apache-2.0
// Checks the Signature Version 4 of a request, as AWS does before it looks at anything else. Pure functions.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "emulator/accounts.hpp"
#include "emulator/http.hpp"

#include <span>
#include <string_view>

namespace sma::emulator {

struct Expected {
    std::string_view service;
    std::span<const std::string_view> regions;  ///< the regions a signature may be scoped to
    WallTime now;
};

/// The key that signed `request`. Errors are ErrorKind::Service in the names AWS JSON services use, status 400:
/// MissingAuthenticationTokenException, IncompleteSignatureException, UnrecognizedClientException,
/// ExpiredTokenException, InvalidSignatureException.
[[nodiscard]] Result<const AccessKey*> authenticate(const Request& request, const Accounts& accounts,
                                                    const Expected& expected);

}  // namespace sma::emulator
