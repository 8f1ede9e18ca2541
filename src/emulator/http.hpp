// SPDX-License-Identifier: Apache-2.0
// One HTTP exchange as the emulator's logic sees it: no sockets, no parser. Values; not thread-safe.
#pragma once

#include "base/secret_bytes.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sma::emulator {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
    std::string method;
    std::string target;  ///< as on the wire: the signature covers it
    Headers headers;     ///< names in any letter case, values as on the wire, in order
    SecretBytes body;

    /// The first value of `name` (given in lower case), or an empty view.
    [[nodiscard]] std::string_view header(std::string_view name) const noexcept;
    [[nodiscard]] bool has_header(std::string_view name) const noexcept;
};

struct Response {
    unsigned status = 200;
    Headers headers;  ///< without Content-Length and Connection, which the session writes
    SecretBytes body;
};

}  // namespace sma::emulator
