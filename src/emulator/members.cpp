// SPDX-License-Identifier: Apache-2.0
#include "emulator/members.hpp"

#include "base/ascii.hpp"
#include "emulator/codec.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <limits>

namespace sma::emulator {

namespace {

namespace json = boost::json;

constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();
constexpr std::size_t kShownLimit = 256;
constexpr std::size_t kViolationLimit = 50;
constexpr TextRule kTagKey{1, 128};
constexpr TextRule kTagValue{0, 256};

std::size_t count_characters(std::string_view text) noexcept {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// At most 256 bytes of it, no character cut in two.
std::string in_quotes(std::string_view text) {
    if (text.size() <= kShownLimit) return "'" + std::string(text) + "'";
    std::size_t size = kShownLimit;
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U)
        --size;
    return "'" + std::string(text.substr(0, size)) + "...'";
}

std::string longer_than(std::size_t limit) {
    return "Member must have length greater than or equal to " + std::to_string(limit);
}
std::string shorter_than(std::size_t limit) {
    return "Member must have length less than or equal to " + std::to_string(limit);
}

/// How AWS's own JSON reader names what it met.
std::string cannot_convert(const json::value& value, std::string_view wanted) {
    switch (value.kind()) {
    case json::kind::object:
        return "Start of structure or map found where not expected.";
    case json::kind::array:
        return "Start of list found where not expected";
    case json::kind::string:
        return "STRING_VALUE can not be converted to " + std::string(wanted);
    case json::kind::bool_:
        return (value.get_bool() ? "TRUE_VALUE" : "FALSE_VALUE") + std::string(" can not be converted to ") +
               std::string(wanted);
    default:
        return "NUMBER_VALUE can not be converted to " + std::string(wanted);
    }
}

}  // namespace

void Violations::add(std::string_view value, std::string_view path, std::string_view constraint) {
    if (found_.size() >= kViolationLimit) return;
    std::string text = "Value ";
    if (!value.empty()) text += std::string(value) + " ";  // a sensitive one is not shown
    found_.push_back(text + "at " + in_quotes(path) + " failed to satisfy constraint: " + std::string(constraint));
}

void Violations::serialization(std::string message) {
    if (!serialization_) serialization_ = std::move(message);
}

void Violations::check_text(std::string_view text, std::string_view path, const TextRule& rule) {
    if (found_.size() >= kViolationLimit) return;
    const std::size_t size = count_characters(text);
    if (size < rule.min) add(in_quotes(text), path, longer_than(rule.min));
    if (size > rule.max) add(in_quotes(text), path, shorter_than(rule.max));
    if (rule.matches != nullptr && !rule.matches(text)) {
        add(in_quotes(text), path, std::string("Member must satisfy regular expression pattern: ") + rule.pattern);
    }
}

Result<void> Violations::result() const {
    if (serialization_) return refuse("SerializationException", *serialization_);
    if (found_.empty()) return {};
    std::string text =
        std::to_string(found_.size()) + " validation error" + (found_.size() > 1 ? "s" : "") + " detected: ";
    for (std::size_t i = 0; i < found_.size(); ++i)
        text += (i > 0 ? "; " : "") + found_[i];
    return refuse("ValidationException", std::move(text));
}

Members::Members(const json::object& object, Violations& violations, std::string prefix)
    : object_(&object), violations_(&violations), prefix_(std::move(prefix)) {}

std::string Members::path(std::string_view name) const {
    std::string path = prefix_ + std::string(name);
    char& first = path[prefix_.size()];
    first = ascii::lower(first);
    return path;
}

const json::value* Members::get(std::string_view name, Presence presence) {
    const json::value* value = object_->if_contains(name);
    if (value != nullptr && !value->is_null()) return value;
    if (presence == Presence::Required) violations_->add("null", path(name), "Member must not be null");
    return nullptr;
}

bool Members::has(std::string_view name) const {
    const json::value* value = object_->if_contains(name);
    return value != nullptr && !value->is_null();
}

std::optional<std::string> Members::text(std::string_view name, const TextRule& rule, Presence presence) {
    const json::value* value = get(name, presence);
    if (value == nullptr) return std::nullopt;
    const json::string* string = value->if_string();
    if (string == nullptr) {
        violations_->serialization(cannot_convert(*value, "a String"));
        return std::nullopt;
    }
    violations_->check_text(*string, path(name), rule);
    return std::string(*string);
}

std::optional<std::string> Members::choice(std::string_view name, std::initializer_list<std::string_view> names,
                                           Presence presence) {
    auto chosen = text(name, {0, kNoLimit}, presence);
    if (!chosen || std::ranges::find(names, *chosen) != names.end()) return chosen;
    std::string set;
    for (const std::string_view one : names)
        set += (set.empty() ? "" : ", ") + std::string(one);
    violations_->add(in_quotes(*chosen), path(name), "Member must satisfy enum value set: [" + set + "]");
    return std::nullopt;
}

std::optional<std::int64_t> Members::number(std::string_view name, std::int64_t min, std::int64_t max) {
    const json::value* value = get(name, Presence::Optional);
    if (value == nullptr) return std::nullopt;
    boost::system::error_code error;
    const auto number = value->is_number() ? value->to_number<std::int64_t>(error) : 0;
    if (!value->is_number() || error) {
        violations_->serialization(cannot_convert(*value, "an Integer"));
        return std::nullopt;
    }
    const std::string shown = in_quotes(std::to_string(number));
    if (number < min) {
        violations_->add(shown, path(name), "Member must have value greater than or equal to " + std::to_string(min));
    }
    if (number > max) {
        violations_->add(shown, path(name), "Member must have value less than or equal to " + std::to_string(max));
    }
    return number;
}

bool Members::flag(std::string_view name, bool fallback) {
    const json::value* value = get(name, Presence::Optional);
    if (value == nullptr) return fallback;
    if (const bool* flag = value->if_bool()) return *flag;
    violations_->serialization(cannot_convert(*value, "a Boolean"));
    return fallback;
}

const json::array* Members::list(std::string_view name, std::size_t min, std::size_t max, Presence presence) {
    const json::value* value = get(name, presence);
    if (value == nullptr) return nullptr;
    const json::array* list = value->if_array();
    if (list == nullptr) {
        violations_->serialization(value->is_object() ? "Start of structure or map found where not expected."
                                                      : "Expected list or null");
        return nullptr;
    }
    if (list->size() >= min && list->size() <= max) return list;
    std::string shown = "[";
    for (const json::value& one : *list) {
        if (shown.size() > kShownLimit) break;  // in_quotes() shows no more
        if (shown.size() > 1) shown += ", ";
        if (const json::string* string = one.if_string()) shown += std::string_view(*string);
    }
    shown += "]";
    violations_->add(in_quotes(shown), path(name), list->size() < min ? longer_than(min) : shorter_than(max));
    return list;
}

std::vector<std::string> Members::texts(std::string_view name, std::size_t min, std::size_t max, const TextRule& rule,
                                        Presence presence) {
    std::vector<std::string> texts;
    const json::array* found = list(name, min, max, presence);
    if (found == nullptr) return texts;
    for (const json::value& value : *found) {
        const json::string* string = value.if_string();
        if (string == nullptr) {
            violations_->serialization(cannot_convert(value, "a String"));
            break;
        }
        texts.emplace_back(*string);
        violations_->check_text(texts.back(), path(name) + "." + std::to_string(texts.size()) + ".member", rule);
    }
    return texts;
}

std::vector<Members> Members::objects(std::string_view name, std::size_t max, Presence presence) {
    std::vector<Members> members;
    const json::array* found = list(name, 0, max, presence);
    if (found == nullptr) return members;
    for (const json::value& value : *found) {
        const json::object* object = value.if_object();
        if (object == nullptr) {
            violations_->serialization(value.is_array() ? "Start of list found where not expected"
                                                        : "Unexpected field type");
            break;
        }
        members.emplace_back(*object, *violations_, path(name) + "." + std::to_string(members.size() + 1) + ".member.");
    }
    return members;
}

std::vector<Tag> Members::tags(Presence presence) {
    std::vector<Tag> tags;
    for (Members& tag : objects("Tags", kNoLimit, presence)) {
        tags.push_back({tag.text("Key", kTagKey).value_or(""), tag.text("Value", kTagValue).value_or("")});
    }
    return tags;
}

void Members::check_size(std::size_t size, std::string_view name) {
    if (size == 0) violations_->add("", path(name), longer_than(1));
    if (size > kValueLimit) violations_->add("", path(name), shorter_than(kValueLimit));
}

Result<std::optional<SecretValue>> Members::secret_value() {
    const json::value* text = get("SecretString", Presence::Optional);
    const json::value* binary = get("SecretBinary", Presence::Optional);
    if (text != nullptr && binary != nullptr) {
        return refuse("InvalidParameterException",
                      "You can't specify both a binary secret value and a string secret value in the same secret.");
    }
    const json::value* given = text != nullptr ? text : binary;
    if (given == nullptr) return std::optional<SecretValue>();
    const json::string* string = given->if_string();
    if (string == nullptr) {
        violations_->serialization(cannot_convert(*given, text != nullptr ? "a String" : "a Blob"));
        return std::optional<SecretValue>();
    }
    SecretValue value{binary != nullptr, {}};
    if (text != nullptr) {
        value.bytes = SecretBytes(*string);
    } else if (auto bytes = base64_decode(*string)) {
        value.bytes = std::move(*bytes);
    } else {
        violations_->serialization("SecretBinary is not valid base64");
    }
    check_size(value.bytes.size(), text != nullptr ? "SecretString" : "SecretBinary");
    return std::optional<SecretValue>(std::move(value));
}

}  // namespace sma::emulator
