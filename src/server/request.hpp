// SPDX-License-Identifier: Apache-2.0
// From the bytes of one request head to the facts that admission and routing decide on.
//
// Beast's parser does the reading; what it leaves open (see ARCHITECTURE.md, "Trust") is closed here: no obs-fold, no
// Transfer-Encoding, no repeated Content-Length, no trailer can arrive since bodies are never read, nothing but
// visible ASCII in the target. Views point into the bytes given. Not thread-safe; costs no allocation.
#pragma once

#include "server/token.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace sma::server {

constexpr std::size_t kMaxTarget = 65'534;    // as the reference
constexpr std::size_t kMaxHead = 321 * 1024;  // as the reference
constexpr std::size_t kMaxFields = 100;       // as the reference

/// Facts of a request, gathered while its head is read.
struct RequestHead {
    std::string_view method;
    std::string_view target;
    std::string_view host;  ///< value of the first Host field
    unsigned hosts = 0;     ///< Host fields seen
    bool http_1_0 = false;
    bool keep_alive = false;  ///< the client wants to go on
    bool forwarded = false;   ///< a field that only a proxy adds is there
    bool token = false;       ///< one of the configured fields carries the token
    bool body = false;        ///< a Content-Length above zero
};

/// Why a head cannot be accepted as HTTP; each closes the connection with an empty body.
enum class Malformed : std::uint8_t {
    No,
    BadRequest,     ///< 400
    TargetTooLong,  ///< 414
    HeadTooLarge,   ///< 431
};

/// Number of bytes of the first head in `bytes`, blank lines before it included; 0 when it is not complete yet.
/// `searched` is the caller's memory between calls of how far was looked; start with 0.
[[nodiscard]] std::size_t find_head(std::string_view bytes, std::size_t& searched) noexcept;

/// Parses exactly one head (as found by find_head) into `head`. `token` decides which fields carry a token.
[[nodiscard]] Malformed parse_head(std::string_view bytes, const TokenCheck& token, RequestHead& head);

}  // namespace sma::server
