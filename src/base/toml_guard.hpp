// SPDX-License-Identifier: Apache-2.0
// A look at a text before the TOML library (base/toml.hpp) sees it. Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sma {

/// Lists and inline tables inside each other.
constexpr std::size_t kMostTomlNesting = 16;
/// Dots in one key.
constexpr std::size_t kMostTomlDots = 16;

/// Line and column in characters, counted from 1.
struct TextPlace {
    std::uint32_t line = 1;
    std::uint32_t column = 1;
    friend bool operator==(const TextPlace&, const TextPlace&) = default;
};

/// The place where lists, tables or dotted keys go deeper than any file of ours does, if there is one. toml++ 3.3
/// limits the depth of values but not that of dotted keys, and frees what it has built recursively: without this a
/// megabyte of "a.a.a.a" would overflow the stack.
[[nodiscard]] std::optional<TextPlace> find_deep_toml(std::string_view text);

}  // namespace sma
