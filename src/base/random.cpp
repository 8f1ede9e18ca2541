// SPDX-License-Identifier: Apache-2.0
#include "base/random.hpp"

#include <sodium/randombytes.h>

#include <array>
#include <cstddef>

namespace sma {

void random_bytes(std::span<std::byte> out) noexcept {
    ::randombytes_buf(out.data(), out.size());
}

std::uint32_t random_below(std::uint32_t bound) noexcept {
    return ::randombytes_uniform(bound);
}

double random_fraction() noexcept {
    return static_cast<double>(::randombytes_random()) / 4294967296.0;
}

std::string random_uuid() {
    std::array<std::byte, 16> bytes{};
    random_bytes(bytes);
    bytes[6] = (bytes[6] & std::byte{0x0f}) | std::byte{0x40};
    bytes[8] = (bytes[8] & std::byte{0x3f}) | std::byte{0x80};
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(36);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
        text += digits[std::to_integer<std::size_t>(bytes[i] >> 4)];
        text += digits[std::to_integer<std::size_t>(bytes[i] & std::byte{0x0f})];
    }
    return text;
}

}  // namespace sma
