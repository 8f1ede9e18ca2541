// SPDX-License-Identifier: Apache-2.0
// The table of configuration keys: where a key stands in the flat and in the nested form, what it may hold, and where
// its value goes. Reading, suggestions for misspelt keys and the tests of examples and documentation are driven by it:
// a new setting is one line here and one member in config.hpp.
//
// Immutable, so any thread may use it.
#pragma once

#include "config/config.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sma::config {

/// Flat: every key at top level. Nested: [logging] and [capabilities.secrets_manager].
enum class Form : std::uint8_t { Flat, Nested };

struct LevelRule {};

struct FlagRule {
    bool Config::* member;
};

struct NumberRule {
    std::int64_t low;
    std::int64_t high;
    std::string_view message;
    void (*store)(Config&, std::int64_t);
    bool zero_too = false;  ///< 0 is accepted besides [low, high]
};

struct FractionRule {
    double low;
    double high;
    std::string_view message;
    void (*store)(Config&, double);
};

struct TextRule {
    void (*store)(Config&, std::string);
    std::string_view start;    ///< what the text must begin with
    std::string_view message;  ///< for a text that does not
    bool may_be_empty = true;
};

struct ListRule {
    std::vector<std::string> Config::* member;
    std::string_view empty_message;  ///< empty: the list may be empty
    bool (*item_valid)(std::string_view) = nullptr;
    std::string_view item_message;
};

/// A key of the tables in a list.
struct RecordField {
    std::string_view name;
    bool required = false;
    bool text = true;  ///< false: any type
};

struct RecordsRule {
    std::span<const RecordField> fields;
    /// Null: the records are checked and dropped. The values are in the order of `fields`.
    void (*add)(Config&, std::span<std::optional<std::string>>);
};

/// A setting of the reference that this program knows but does not have.
struct UnsupportedRule {
    bool text;  ///< a string; otherwise a boolean
};

using Rule =
    std::variant<LevelRule, FlagRule, NumberRule, FractionRule, TextRule, ListRule, RecordsRule, UnsupportedRule>;

struct Key {
    std::string_view flat;    ///< path in the flat form; empty: the nested form alone has it
    std::string_view nested;  ///< path in the nested form
    Rule rule;

    [[nodiscard]] std::string_view path(Form form) const { return form == Form::Flat ? flat : nested; }
};

/// The section of the reference's certificate manager.
constexpr std::string_view kCertificateSection = "capabilities.acm";

[[nodiscard]] std::span<const Key> keys();

/// The key at `path`, or null.
[[nodiscard]] const Key* find_key(Form form, std::string_view path);

/// Whether `path` is a table that holds keys.
[[nodiscard]] bool is_section(Form form, std::string_view path);

/// Names of the keys and tables directly in the section `path` (empty: the top level), in the order of the table.
[[nodiscard]] std::vector<std::string_view> names_in(Form form, std::string_view path);

/// Where the flat top-level key or table `name` stands in the nested form; empty if there is none.
[[nodiscard]] std::string_view nested_path_of(std::string_view name);

}  // namespace sma::config
