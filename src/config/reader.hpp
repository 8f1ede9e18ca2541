// SPDX-License-Identifier: Apache-2.0
// From the parsed TOML tables to a Config, by the table of keys in schema.hpp. For load.cpp alone: this header brings
// the TOML library with it.
#pragma once

#include "base/toml.hpp"
#include "config/config.hpp"
#include "config/report.hpp"
#include "config/schema.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sma::config {

[[nodiscard]] inline Place place_of(const toml::source_region& source) {
    return {.line = source.begin.line, .column = source.begin.column};
}

/// Walks one file once. Everything wrong goes to the Report, and the walk goes on.
class Reader {
public:
    Reader(Config& config, Report& report) : config_(config), report_(report) {}

    void read(const toml::table& root);

private:
    /// A value on its way into the Config. Loose: as release 2 reads it, in flat form at top level.
    struct Value {
        const toml::node& node;
        std::string field;
        bool loose = false;

        [[nodiscard]] Place place() const { return place_of(node.source()); }
    };

    void read_flat(const toml::table& root);
    void read_nested(const toml::table& root);
    void read_section(const toml::table& table, const std::string& path);
    void read_member(const toml::key& key, const toml::node& node, const std::string& section, std::string_view name);
    void unknown_key(const toml::key& key, const std::string& section);

    void apply(const LevelRule& rule, const Value& value);
    void apply(const FlagRule& rule, const Value& value);
    void apply(const NumberRule& rule, const Value& value);
    void apply(const FractionRule& rule, const Value& value);
    void apply(const TextRule& rule, const Value& value);
    void apply(const ListRule& rule, const Value& value);
    void apply(const RecordsRule& rule, const Value& value);
    void apply(const UnsupportedRule& rule, const Value& value);
    void read_record(const RecordsRule& rule, const toml::table& record, const Value& value);

    [[nodiscard]] std::optional<std::string> text(const Value& value);
    [[nodiscard]] std::optional<bool> flag(const Value& value);
    /// `range_message` is for what cannot be a number at all.
    [[nodiscard]] std::optional<std::int64_t> number(const Value& value, std::string_view range_message);
    void wrong_type(const Value& value, std::string_view expected);

    Config& config_;
    Report& report_;
    Form form_ = Form::Flat;
};

}  // namespace sma::config
