// SPDX-License-Identifier: Apache-2.0
#include "emulator/page.hpp"

#include "aws/sigv4.hpp"
#include "emulator/codec.hpp"
#include "emulator/store.hpp"

#include <charconv>

namespace sma::emulator {

namespace {

constexpr std::size_t kMarkLength = 16;

std::string mark_of(std::string_view question) {
    return aws::sigv4::sha256_hex(question).substr(0, kMarkLength);
}

}  // namespace

std::string next_token(std::string_view question, const Position& last) {
    const std::string plain = mark_of(question) + std::to_string(last.ordinal) + "|" + last.key;
    return std::string(base64_encode(plain).reveal());
}

Result<Position> parse_next_token(std::string_view token, std::string_view question) {
    const auto invalid = [] { return refuse("InvalidNextTokenException", "The NextToken value is invalid."); };
    const auto plain = base64_decode(token);
    if (!plain || !plain->reveal().starts_with(mark_of(question))) return invalid();
    const std::string_view text = plain->reveal().substr(kMarkLength);
    const std::size_t bar = text.find('|');
    if (bar == std::string_view::npos) return invalid();
    Position position{std::string(text.substr(bar + 1)), 0};
    const auto [end, error] = std::from_chars(text.data(), text.data() + bar, position.ordinal);
    if (error != std::errc() || end != text.data() + bar) return invalid();
    return position;
}

}  // namespace sma::emulator
