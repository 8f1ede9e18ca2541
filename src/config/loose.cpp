// SPDX-License-Identifier: Apache-2.0
#include "config/loose.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <charconv>

namespace sma::config {
namespace {

/// Without the separators; nothing if one of them is not between two other characters.
std::optional<std::string> without_separators(std::string_view digits) {
    if (digits.starts_with('_') || digits.ends_with('_') || digits.contains("__")) return std::nullopt;
    std::string out(digits);
    std::erase(out, '_');
    return out;
}

}  // namespace

std::optional<LooseNumber> parse_loose_number(std::string_view text) {
    std::string_view rest = text;
    if (rest.starts_with('+')) rest.remove_prefix(1);
    const bool hexadecimal = rest.starts_with("0x") || rest.starts_with("0X");
    if (hexadecimal) rest.remove_prefix(2);
    const std::optional<std::string> digits = without_separators(rest);
    if (!digits || digits->starts_with('-')) return std::nullopt;

    LooseNumber number{.value = 0, .plain = !hexadecimal && digits->size() == rest.size()};
    const char* const end = digits->data() + digits->size();
    const auto [stop, error] = std::from_chars(digits->data(), end, number.value, hexadecimal ? 16 : 10);
    if (error != std::errc() || stop != end) return std::nullopt;
    return number;
}

std::optional<bool> parse_loose_boolean(std::string_view text) {
    const std::string word = ascii::lowered(text);
    if (word == "true" || word == "on" || word == "yes" || word == "1") return true;
    if (word == "false" || word == "off" || word == "no" || word == "0") return false;
    return std::nullopt;
}

}  // namespace sma::config
