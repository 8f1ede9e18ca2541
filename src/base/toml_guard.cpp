// SPDX-License-Identifier: Apache-2.0
#include "base/toml_guard.hpp"

#include <algorithm>

namespace sma {
namespace {

/// Offset just past the string that begins at `start`, where a quote stands. A string left open on its line ends there:
/// the parser stops at such an error, so what follows does not matter.
std::size_t skip_string(std::string_view text, std::size_t start) {
    const char quote = text[start];
    const bool escapes = quote == '"';
    const std::string_view triple = escapes ? R"(""")" : "'''";
    const bool multi_line = text.substr(start).starts_with(triple);
    std::size_t i = start + (multi_line ? triple.size() : 1);
    while (i < text.size()) {
        if (escapes && text[i] == '\\') {
            i += 2;
        } else if (multi_line && text.substr(i).starts_with(triple)) {
            i += triple.size();
            while (i < text.size() && text[i] == quote)
                ++i;  // quotes that belong to the string's end
            return i;
        } else if (!multi_line && (text[i] == quote || text[i] == '\n')) {
            return text[i] == quote ? i + 1 : i;
        } else {
            ++i;
        }
    }
    return text.size();
}

TextPlace place_of(std::string_view text, std::size_t offset) {
    const std::string_view before = text.substr(0, offset);
    const std::size_t newline = before.rfind('\n');
    const std::string_view line = newline == std::string_view::npos ? before : before.substr(newline + 1);
    const auto starts_character = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };
    return {.line = static_cast<std::uint32_t>(1 + std::ranges::count(before, '\n')),
            .column = static_cast<std::uint32_t>(1 + std::ranges::count_if(line, starts_character))};
}

}  // namespace

std::optional<TextPlace> find_deep_toml(std::string_view text) {
    std::size_t depth = 0;
    std::size_t dots = 0;
    for (std::size_t i = 0; i < text.size();) {
        const char c = text[i];
        if (c == '"' || c == '\'') {
            i = skip_string(text, i);
            continue;
        }
        if (c == '#') {
            i = std::min(text.find('\n', i), text.size());
            continue;
        }
        if (c == '.') {
            ++dots;
        } else if (c == '[' || c == '{') {
            ++depth;
            dots = 0;
        } else if (c == ']' || c == '}') {
            depth -= depth > 0 ? 1 : 0;
            dots = 0;
        } else if (c == '\n' || c == '=' || c == ',') {
            dots = 0;
        }
        if (depth > kMostTomlNesting || dots > kMostTomlDots) return place_of(text, i);
        ++i;
    }
    return std::nullopt;
}

}  // namespace sma
