// SPDX-License-Identifier: Apache-2.0
// Letters of the C locale, whatever the locale. Pure functions.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace sma::ascii {

[[nodiscard]] constexpr char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
[[nodiscard]] constexpr bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}
[[nodiscard]] constexpr bool is_alpha(char c) noexcept {
    return lower(c) >= 'a' && lower(c) <= 'z';
}
[[nodiscard]] constexpr bool is_alnum(char c) noexcept {
    return is_digit(c) || is_alpha(c);
}
/// What Python's str.strip() removes from ASCII text.
[[nodiscard]] constexpr bool is_space(char c) noexcept {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

[[nodiscard]] inline std::string lowered(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), lower);
    return out;
}

[[nodiscard]] constexpr bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
    if (a.size() != b.size()) return false;
    // No early way out: so the loop becomes a few vector instructions.
    unsigned char different = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        different = static_cast<unsigned char>(different | (lower(a[i]) ^ lower(b[i])));
    return different == 0;
}

[[nodiscard]] constexpr std::string_view trimmed(std::string_view text) noexcept {
    while (!text.empty() && is_space(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_space(text.back()))
        text.remove_suffix(1);
    return text;
}

}  // namespace sma::ascii
