// SPDX-License-Identifier: Apache-2.0
// Standard base64 with padding (RFC 4648 section 4), checked. Pure function.
#pragma once

#include "base/ascii.hpp"

#include <algorithm>
#include <string_view>

namespace sma::aws {

[[nodiscard]] constexpr bool is_base64(std::string_view text) noexcept {
    if (text.size() % 4 != 0) return false;
    for (int padding = 0; padding < 2 && text.ends_with('='); ++padding)
        text.remove_suffix(1);
    return std::ranges::all_of(text, [](char c) { return ascii::is_alnum(c) || c == '+' || c == '/'; });
}

}  // namespace sma::aws
