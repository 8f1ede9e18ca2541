// SPDX-License-Identifier: Apache-2.0
#include "emulator/filters.hpp"

#include "base/ascii.hpp"
#include "emulator/http.hpp"

#include <algorithm>

namespace sma::emulator {

namespace {

constexpr std::size_t kFilterLimit = 10;
constexpr std::size_t kFilterValueLimit = 10;

bool is_filter_value(std::string_view value) noexcept {
    constexpr std::string_view others = " :_@/+=.-!";
    return std::ranges::all_of(value,
                               [&](char c) { return ascii::is_alnum(c) || others.find(c) != std::string_view::npos; });
}

constexpr TextRule kFilterValue{0, 512, "^\\!?[a-zA-Z0-9 :_@\\/\\+\\=\\.\\-\\!]*$", is_filter_value};

using Attributes = std::vector<std::string_view>;

Attributes tag_parts(const Secret& secret, std::string Tag::* part) {
    Attributes parts;
    for (const Tag& tag : secret.tags)
        parts.push_back(tag.*part);
    return parts;
}

Attributes attributes_of(const Secret& secret, std::string_view region, std::string_view key) {
    if (key == "name") return {secret.name};
    if (key == "description") return {secret.description};
    if (key == "tag-key") return tag_parts(secret, &Tag::key);
    if (key == "tag-value") return tag_parts(secret, &Tag::value);
    if (key == "primary-region") return {region};
    if (key == "owning-service") return {};  // no service of AWS makes secrets here
    Attributes all = {secret.name, secret.description};
    for (const Tag& tag : secret.tags) {
        all.push_back(tag.key);
        all.push_back(tag.value);
    }
    return all;
}

std::vector<std::string> words_of(std::string_view text) {
    constexpr std::string_view between = " \t\n/-_+=.@:";
    std::vector<std::string> words;
    while (true) {
        const std::size_t start = text.find_first_not_of(between);
        if (start == std::string_view::npos) return words;
        text.remove_prefix(start);
        const std::size_t size = std::min(text.find_first_of(between), text.size());
        words.push_back(ascii::lowered(text.substr(0, size)));
        text.remove_prefix(size);
    }
}

/// Every word of `value` begins some word of `attribute`, in any letter case.
bool matches_words(std::string_view attribute, std::string_view value) {
    const auto wanted = words_of(value);
    const auto words = words_of(attribute);
    return !wanted.empty() && std::ranges::all_of(wanted, [&](const std::string& one) {
        return std::ranges::any_of(words, [&](const std::string& word) { return word.starts_with(one); });
    });
}

bool matches_value(const Attributes& attributes, std::string_view key, std::string_view value) {
    // The documentation calls the description's filter a prefix match; the service matches words, as for "all".
    const bool by_words = key == "all" || key == "description";
    const bool negated = value.starts_with('!');
    if (negated) value.remove_prefix(1);
    const bool found = std::ranges::any_of(attributes, [&](std::string_view attribute) {
        return by_words ? matches_words(attribute, value) : attribute.starts_with(value);
    });
    return found != negated;
}

}  // namespace

std::vector<Filter> read_filters(Members& members) {
    std::vector<Filter> filters;
    for (Members& one : members.objects("Filters", kFilterLimit)) {
        Filter filter;
        filter.key =
            one.choice("Key",
                       {"description", "name", "tag-key", "tag-value", "primary-region", "owning-service", "all"},
                       Presence::Required)
                .value_or("");
        filter.values = one.texts("Values", 1, kFilterValueLimit, kFilterValue, Presence::Required);
        filters.push_back(std::move(filter));
    }
    return filters;
}

bool matches(const Secret& secret, std::string_view region, const std::vector<Filter>& filters) {
    return std::ranges::all_of(filters, [&](const Filter& filter) {
        const Attributes attributes = attributes_of(secret, region, filter.key);
        return std::ranges::any_of(
            filter.values, [&](const std::string& value) { return matches_value(attributes, filter.key, value); });
    });
}

}  // namespace sma::emulator
