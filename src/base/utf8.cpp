// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.hpp"

#include <algorithm>
#include <string_view>

namespace sma {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

// Length of the well-formed UTF-8 sequence at the front of `text`, or minus the length of what to replace.
int utf8_length(std::string_view text) noexcept {
    const auto byte = [text](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    const unsigned first = byte(0);
    if (first < 0x80) return 1;
    if (first < 0xc2 || first > 0xf4) return -1;
    // The second byte's range excludes overlong forms, surrogates and what lies beyond U+10FFFF.
    const unsigned low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    const unsigned high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    const int length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (byte(1) < low || byte(1) > high) return -1;
    for (int i = 2; i < length; ++i) {
        if ((byte(static_cast<std::size_t>(i)) & 0xc0) != 0x80) return -i;
    }
    return length;
}

}  // namespace

std::string to_utf8(std::string text) {
    if (std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; })) return text;
    std::string out;
    out.reserve(text.size());
    for (std::string_view rest = text; !rest.empty();) {
        const int length = utf8_length(rest);
        const auto step = static_cast<std::size_t>(length < 0 ? -length : length);
        out += length < 0 ? kReplacement : rest.substr(0, step);
        rest.remove_prefix(step);
    }
    return out;
}

}  // namespace sma
