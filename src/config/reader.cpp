// SPDX-License-Identifier: Apache-2.0
#include "config/reader.hpp"

#include "base/ascii.hpp"
#include "config/loose.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <span>
#include <utility>
#include <vector>

namespace sma::config {
namespace {

constexpr std::string_view kMixed = "The configuration file format isn't valid. Flat keys can't be used in conjunction "
                                    "with nested sections ('logging' or 'capabilities').";
constexpr std::string_view kLevel = "The log level specified in the configuration file isn't valid. "
                                    "The log level must be DEBUG, INFO, WARN, ERROR, or NONE.";

constexpr std::array<std::pair<std::string_view, log::Level>, 5> kLevels{{{"debug", log::Level::Debug},
                                                                          {"info", log::Level::Info},
                                                                          {"warn", log::Level::Warn},
                                                                          {"error", log::Level::Error},
                                                                          {"none", log::Level::None}}};

std::string joined(std::string_view section, std::string_view name) {
    return section.empty() ? std::string(name) : fmt::format("{}.{}", section, name);
}

/// A quoted key may be empty or have a dot in it, and must not pass for the path to another.
bool is_simple(std::string_view name) {
    return !name.empty() && !name.contains('.');
}

/// The type and value of a node, in the words of the reference.
std::string described(const toml::node& node) {
    switch (node.type()) {
    case toml::node_type::string:
        return fmt::format("string \"{}\"", printable(node.as_string()->get()));
    case toml::node_type::integer:
        return fmt::format("integer `{}`", node.as_integer()->get());
    case toml::node_type::floating_point:
        return fmt::format("floating point `{}`", node.as_floating_point()->get());
    case toml::node_type::boolean:
        return fmt::format("boolean `{}`", node.as_boolean()->get());
    case toml::node_type::array:
        return "sequence";
    case toml::node_type::table:
        return "map";
    case toml::node_type::date:
        return "date";
    case toml::node_type::time:
        return "time";
    case toml::node_type::date_time:
        return "date and time";
    case toml::node_type::none:
        break;
    }
    return "nothing";
}

std::string_view type_name(const toml::node& node) {
    switch (node.type()) {
    case toml::node_type::string:
        return "string";
    case toml::node_type::integer:
        return "integer";
    case toml::node_type::floating_point:
        return "float";
    case toml::node_type::boolean:
        return "boolean";
    case toml::node_type::array:
        return "array";
    case toml::node_type::table:
        return "table";
    default:
        return "datetime";
    }
}

std::string one_of(std::span<const std::string_view> names) {
    std::string text = names.size() == 1 ? "expected" : "expected one of";
    std::string_view separator = " ";
    for (const std::string_view name : names)
        text += fmt::format("{}`{}`", std::exchange(separator, ", "), name);
    return text;
}

/// What to say about the unknown `name` where `accepted` are the names: the one that was meant, or all of them.
std::string suggestion(std::string_view name, std::span<const std::string_view> accepted) {
    const std::string_view near = nearest(name, accepted);
    return near.empty() ? one_of(accepted) : fmt::format("did you mean '{}'?", near);
}

/// The one full path that ends in `name`, if it stands in another section.
std::string_view elsewhere(Form form, std::string_view name) {
    for (const Key& key : keys()) {
        const std::string_view path = key.path(form);
        const std::size_t dot = path.rfind('.');
        const bool ours = !path.starts_with(kCertificateSection);
        if (ours && dot != std::string_view::npos && path.substr(dot + 1) == name) return path;
    }
    return {};
}

}  // namespace

void Reader::read(const toml::table& root) {
    form_ = root.contains("logging") || root.contains("capabilities") ? Form::Nested : Form::Flat;
    if (form_ == Form::Flat) {
        read_flat(root);
    } else {
        read_nested(root);
    }
}

void Reader::read_flat(const toml::table& root) {
    std::map<std::string, Place, std::less<>> seen;
    for (const auto& [key, node] : root) {
        // Release 2 ignores the letter case of keys at top level, so one key may come twice.
        const std::string name = ascii::lowered(key.str());
        const Place place = place_of(key.source());
        const auto [first, fresh] = seen.emplace(name, place);
        if (!fresh) {
            const auto [earlier, later] = std::minmax(first->second, place);
            report_.error(later, printable(name), fmt::format("duplicate field `{}`", printable(name)),
                          fmt::format("first in line {}", earlier.line));
            continue;
        }
        if (name != key.str() && (find_key(form_, name) != nullptr || is_section(form_, name))) {
            report_.warn(place, printable(key.str()), fmt::format("read as '{}': write it in lower case", name));
        }
        read_member(key, node, {}, name);
    }
}

void Reader::read_nested(const toml::table& root) {
    for (const auto& [key, node] : root) {
        const std::string name = ascii::lowered(key.str());
        const bool flat = is_simple(name) && !is_section(form_, key.str());
        const std::string_view nested = flat ? nested_path_of(name) : std::string_view();
        if (nested.empty()) {
            read_member(key, node, {}, key.str());
        } else {
            report_.error(place_of(key.source()), name, std::string(kMixed),
                          fmt::format("Use '{}' instead of '{}'.", nested, name));
        }
    }
}

void Reader::read_section(const toml::table& table, const std::string& path) {
    for (const auto& [key, node] : table)
        read_member(key, node, path, key.str());
}

void Reader::read_member(const toml::key& key, const toml::node& node, const std::string& section,
                         std::string_view name) {
    const std::string path = joined(section, name);
    const bool simple = is_simple(name);
    if (const Key* known = simple ? find_key(form_, path) : nullptr) {
        const Value value{.node = node, .field = path, .loose = form_ == Form::Flat && section.empty()};
        std::visit([&](const auto& rule) { apply(rule, value); }, known->rule);
    } else if (simple && is_section(form_, path)) {
        if (path == kCertificateSection) {
            report_.warn(place_of(key.source()), path, "certificates are not supported by this agent; ignored");
        }
        if (const toml::table* table = node.as_table()) {
            read_section(*table, path);
        } else {
            wrong_type({.node = node, .field = path}, "a map");
        }
    } else {
        unknown_key(key, section);
    }
}

void Reader::unknown_key(const toml::key& key, const std::string& section) {
    const std::vector<std::string_view> accepted = names_in(form_, section);
    const std::string_view other = elsewhere(form_, key.str());
    const std::string name = printable(key.str());
    report_.error(place_of(key.source()), joined(section, name), fmt::format("unknown field `{}`", name),
                  other.empty() ? suggestion(key.str(), accepted) : fmt::format("did you mean '{}'?", other));
}

void Reader::apply(const LevelRule& /*rule*/, const Value& value) {
    const std::optional<std::string> word = text(value);
    if (!word) return;
    for (const auto& [name, level] : kLevels) {
        if (ascii::lowered(*word) == name) {
            config_.log_level = level;
            return;
        }
    }
    report_.error(value.place(), value.field, std::string(kLevel), fmt::format("Got: '{}'", printable(*word)));
}

void Reader::apply(const FlagRule& rule, const Value& value) {
    if (const std::optional<bool> on = flag(value)) config_.*rule.member = *on;
}

void Reader::apply(const NumberRule& rule, const Value& value) {
    const std::optional<std::int64_t> got = number(value, rule.message);
    if (!got) return;
    if ((*got >= rule.low && *got <= rule.high) || (rule.zero_too && *got == 0)) {
        rule.store(config_, *got);
    } else {
        report_.error(value.place(), value.field, std::string(rule.message),
                      *got < 0 ? fmt::format("Got: '{}'", *got) : fmt::format("Got: {}", *got));
    }
}

void Reader::apply(const FractionRule& rule, const Value& value) {
    if (!value.node.is_number()) return wrong_type(value, "a number");
    const double got = value.node.value<double>().value_or(std::nan(""));
    if (got >= rule.low && got <= rule.high) {
        rule.store(config_, got);
    } else {
        report_.error(value.place(), value.field, std::string(rule.message), fmt::format("Got: {}", got));
    }
}

void Reader::apply(const TextRule& rule, const Value& value) {
    std::optional<std::string> got = text(value);
    if (!got) return;
    if (got->starts_with(rule.start) && (rule.may_be_empty || !got->empty())) {
        rule.store(config_, std::move(*got));
    } else {
        report_.error(value.place(), value.field, std::string(rule.message), fmt::format("Got: '{}'", printable(*got)));
    }
}

void Reader::apply(const ListRule& rule, const Value& value) {
    const toml::array* list = value.node.as_array();
    if (list == nullptr) return wrong_type(value, "a sequence");
    if (list->empty() && !rule.empty_message.empty()) {
        report_.error(value.place(), value.field, std::string(rule.empty_message));
        return;
    }
    std::vector<std::string> texts;
    for (const toml::node& node : *list) {
        const Value item{.node = node, .field = fmt::format("{}[{}]", value.field, texts.size()), .loose = value.loose};
        const std::string& got = texts.emplace_back(text(item).value_or(""));
        if (node.is_string() && rule.item_valid != nullptr && !rule.item_valid(got)) {
            report_.error(item.place(), item.field, std::string(rule.item_message),
                          fmt::format("Got: '{}'", printable(got)));
        }
    }
    config_.*rule.member = std::move(texts);
}

void Reader::apply(const RecordsRule& rule, const Value& value) {
    const toml::array* list = value.node.as_array();
    if (list == nullptr) return wrong_type(value, "a sequence");
    std::size_t index = 0;
    for (const toml::node& node : *list) {
        const Value item{.node = node, .field = fmt::format("{}[{}]", value.field, index++)};
        if (const toml::table* record = node.as_table()) {
            read_record(rule, *record, item);
        } else {
            wrong_type(item, "a map");
        }
    }
}

void Reader::read_record(const RecordsRule& rule, const toml::table& record, const Value& value) {
    std::vector<std::string_view> names;
    std::vector<std::optional<std::string>> texts;
    bool complete = true;
    for (const RecordField& field : rule.fields) {
        names.push_back(field.name);
        texts.emplace_back();
        const toml::node* node = record.get(field.name);
        if (node != nullptr && field.text) {
            texts.back() = text({.node = *node, .field = joined(value.field, field.name)});
        }
        if (node == nullptr && field.required) {
            report_.error(value.place(), value.field, fmt::format("missing field `{}`", field.name));
        }
        complete = complete && (!field.required || texts.back());
    }
    for (const auto& [key, node] : record) {
        if (std::ranges::find(names, key.str()) != names.end()) continue;
        const std::string name = printable(key.str());
        report_.error(place_of(key.source()), joined(value.field, name), fmt::format("unknown field `{}`", name),
                      suggestion(key.str(), names));
    }
    if (complete && rule.add != nullptr) rule.add(config_, texts);
}

void Reader::apply(const UnsupportedRule& rule, const Value& value) {
    if (rule.text) {
        static_cast<void>(text(value));
    } else {
        static_cast<void>(flag(value));
    }
}

std::optional<std::string> Reader::text(const Value& value) {
    if (const auto* string = value.node.as_string()) return string->get();
    std::optional<std::string> loose;
    if (const auto* integer = value.node.as_integer()) loose = fmt::to_string(integer->get());
    if (const auto* boolean = value.node.as_boolean()) loose = boolean->get() ? "true" : "false";
    if (!loose || !value.loose) {
        wrong_type(value, "a string");
        return std::nullopt;
    }
    report_.warn(value.place(), value.field,
                 fmt::format("{} is read as the string \"{}\": write it in quotes", described(value.node), *loose));
    return loose;
}

std::optional<bool> Reader::flag(const Value& value) {
    if (const auto* boolean = value.node.as_boolean()) return boolean->get();
    std::optional<bool> loose;
    if (const auto* string = value.node.as_string()) loose = parse_loose_boolean(string->get());
    if (const auto* integer = value.node.as_integer()) loose = integer->get() != 0;
    if (const auto* number = value.node.as_floating_point()) loose = number->get() != 0.0;
    if (!loose || !value.loose) {
        wrong_type(value, "a boolean");
        return std::nullopt;
    }
    report_.warn(value.place(), value.field,
                 fmt::format("{} is read as {}: write {}", described(value.node), *loose, *loose));
    return loose;
}

std::optional<std::int64_t> Reader::number(const Value& value, std::string_view range_message) {
    if (const auto* integer = value.node.as_integer()) return integer->get();
    if (!value.loose) {
        wrong_type(value, "an integer");
        return std::nullopt;
    }
    std::optional<LooseNumber> loose;
    if (const auto* string = value.node.as_string()) {
        loose = parse_loose_number(string->get());
        if (!loose) {
            report_.error(value.place(), value.field, std::string(range_message),
                          fmt::format("Got: '{}'", printable(string->get())));
            return std::nullopt;
        }
    } else if (const auto* real = value.node.as_floating_point()) {
        constexpr double exact = 9007199254740992.0;  // 2^53: every whole double up to here is an integer
        if (std::abs(real->get()) <= exact && std::trunc(real->get()) == real->get()) {
            loose = LooseNumber{.value = static_cast<std::int64_t>(real->get()), .plain = false};
        }
    }
    if (!loose) {
        report_.error(value.place(), value.field, fmt::format("Expected a string or integer for '{}'.", value.field),
                      fmt::format("Got: {}", type_name(value.node)));
        return std::nullopt;
    }
    if (!loose->plain) {
        report_.warn(value.place(), value.field,
                     fmt::format("{} is read as {}: write {}", described(value.node), loose->value, loose->value));
    }
    return loose->value;
}

void Reader::wrong_type(const Value& value, std::string_view expected) {
    report_.error(value.place(), value.field,
                  fmt::format("invalid type: {}, expected {}", described(value.node), expected));
}

}  // namespace sma::config
