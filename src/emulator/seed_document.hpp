// SPDX-License-Identifier: Apache-2.0
// A TOML or JSON document as a tree that knows where each value stands, so that an error can say so. Not thread-safe.
#pragma once

#include "base/result.hpp"
#include "base/secret_bytes.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sma::emulator {

struct Place {
    std::size_t line = 0;
    std::size_t column = 0;
};

struct Member;

struct Node {
    enum class Kind : std::uint8_t { Null, Boolean, Integer, Real, Text, List, Table };
    Kind kind = Kind::Null;
    Place place{};
    bool boolean = false;
    std::int64_t integer = 0;
    double real = 0;
    SecretBytes text{};
    std::vector<Node> items{};
    std::vector<Member> members;  ///< in the order of the file
};

struct Member {
    std::string name;
    Place place;
    Node value;
};

/// "a string", "a table" and so on, for messages.
[[nodiscard]] std::string_view name_of(Node::Kind kind) noexcept;

/// The node as compact JSON text.
[[nodiscard]] SecretBytes to_json(const Node& node);

/// The whole document as a table; ErrorKind::InvalidInput "FILE:LINE:COLUMN: what is wrong".
[[nodiscard]] Result<Node> parse_seed_toml(std::string_view text, const std::string& file);
[[nodiscard]] Result<Node> parse_seed_json(std::string_view text, const std::string& file);

/// "FILE:LINE:COLUMN: "
[[nodiscard]] std::string prefix_of(const std::string& file, Place place);

}  // namespace sma::emulator
