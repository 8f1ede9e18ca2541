// SPDX-License-Identifier: Apache-2.0
// Base64 and form encoding. Pure functions, thread-safe.
#pragma once

#include "base/secret_bytes.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sma::emulator {

/// Standard alphabet with padding; into secret memory.
[[nodiscard]] SecretBytes base64_encode(std::string_view bytes);
/// nullopt when `text` is not base64 with padding.
[[nodiscard]] std::optional<SecretBytes> base64_decode(std::string_view text);

using Form = std::vector<std::pair<std::string, std::string>>;
/// application/x-www-form-urlencoded; a broken escape stays as it is.
[[nodiscard]] Form parse_form(std::string_view body);

/// Text for an XML element.
[[nodiscard]] std::string xml_escape(std::string_view text);

}  // namespace sma::emulator
