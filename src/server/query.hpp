// SPDX-License-Identifier: Apache-2.0
// From a target to the question it asks: routes, parameters, percent-decoding. Pure, any thread.
#pragma once

#include "secrets/service.hpp"
#include "server/admission.hpp"

#include <cstdint>
#include <forward_list>
#include <string>
#include <string_view>

namespace sma::server {

/// Percent-decodes once; `plus_is_space` for queries. A malformed '%' stays as it is, bytes that are not UTF-8 become
/// U+FFFD.
[[nodiscard]] std::string decode(std::string_view text, bool plus_is_space);

/// How the complaint about a parameter begins that does not exist; its name follows.
inline constexpr std::string_view kUnknownParameter = "unknown parameter";

enum class Route : std::uint8_t { Ping, Secret, None };

/// What a target asks for. Views point into the target or into `decoded`.
struct Request {
    Route route = Route::None;
    secrets::Question question;
    /// The 400 body when the parameters are wrong, else empty.
    std::string complaint;
    /// A well-formed role: roles are not served by this version.
    bool role = false;
    std::forward_list<std::string> decoded;
};

/// Routes compare with the raw path; /ping and /secretsmanager/get win over a prefix that covers them.
void interpret(const Target& target, std::string_view path_prefix, Request& out);

}  // namespace sma::server
