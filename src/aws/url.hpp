// SPDX-License-Identifier: Apache-2.0
// An http or https URL taken apart, as far as endpoints and proxies need it. Pure functions.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sma::aws {

struct Url {
    bool https = true;
    std::string host;  ///< lower case; an IPv6 address without brackets
    std::uint16_t port = 443;
    std::string path = "/";  ///< begins with '/', percent-encoded as given
    std::string query;       ///< without '?'
    std::string user_info;   ///< percent-encoded "user:password", or empty: only a proxy has one

    [[nodiscard]] std::string_view scheme() const noexcept { return https ? "https" : "http"; }
    /// As in a Host header: IPv6 in brackets, the port only when it is not the scheme's own.
    [[nodiscard]] std::string authority() const;
    /// Host and port, both always there: for CONNECT.
    [[nodiscard]] std::string host_and_port() const;
    /// Path and query: the request target.
    [[nodiscard]] std::string target() const;
    /// The whole, without user_info.
    [[nodiscard]] std::string text() const;
    /// "localhost" or an address of the machine itself.
    [[nodiscard]] bool is_loopback() const;
};

/// ErrorKind::InvalidInput, with a message that does not repeat a password, when `text` is not such a URL.
[[nodiscard]] Result<Url> parse_url(std::string_view text);

}  // namespace sma::aws
