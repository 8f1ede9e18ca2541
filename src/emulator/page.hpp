// SPDX-License-Identifier: Apache-2.0
// NextToken: where a list goes on. Opaque to the caller, bound to the question it answers. Pure functions.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sma::emulator {

/// The last element of a page: what the list is sorted by, and the order of creation among equals.
struct Position {
    std::string key;
    std::uint64_t ordinal = 0;
    friend auto operator<=>(const Position&, const Position&) = default;
};

/// `question` is everything that decides what is listed, in any form.
[[nodiscard]] std::string next_token(std::string_view question, const Position& last);

/// InvalidNextTokenException when the token was not made for `question`.
[[nodiscard]] Result<Position> parse_next_token(std::string_view token, std::string_view question);

}  // namespace sma::emulator
