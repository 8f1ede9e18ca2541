// SPDX-License-Identifier: Apache-2.0
// The loose spellings of numbers and booleans in strings, which release 2 of the reference accepts in its flat form.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sma::config {

struct LooseNumber {
    std::int64_t value;
    bool plain;  ///< decimal digits, perhaps after a plus sign: what release 3 reads as well
};

/// A number without surrounding spaces or minus sign: decimal, or 0x and hexadecimal, with _ between digits.
[[nodiscard]] std::optional<LooseNumber> parse_loose_number(std::string_view text);

/// true, on, yes, 1 or false, off, no, 0 in any letter case.
[[nodiscard]] std::optional<bool> parse_loose_boolean(std::string_view text);

}  // namespace sma::config
