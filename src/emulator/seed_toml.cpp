// SPDX-License-Identifier: Apache-2.0
#include "base/toml.hpp"
#include "base/toml_guard.hpp"
#include "emulator/seed_document.hpp"

#include <algorithm>
#include <sstream>

namespace sma::emulator {

namespace {

Place place_of(const toml::source_region& source) {
    return {source.begin.line, source.begin.column};
}

template <class T>
SecretBytes printed(const T& value) {
    std::ostringstream out;
    out << value;
    return SecretBytes(out.str());
}

Node to_node(const toml::node& source) {
    Node node;
    node.place = place_of(source.source());
    if (const auto* table = source.as_table()) {
        node.kind = Node::Kind::Table;
        for (const auto& [key, value] : *table) {
            node.members.push_back({std::string(key.str()), place_of(key.source()), to_node(value)});
        }
        // toml++ sorts by key; a person sees the order of the file.
        std::ranges::sort(node.members, {},
                          [](const Member& member) { return std::pair(member.place.line, member.place.column); });
    } else if (const auto* array = source.as_array()) {
        node.kind = Node::Kind::List;
        for (const auto& value : *array)
            node.items.push_back(to_node(value));
    } else if (const auto* text = source.as_string()) {
        node.kind = Node::Kind::Text;
        node.text = SecretBytes(text->get());
    } else if (const auto* integer = source.as_integer()) {
        node.kind = Node::Kind::Integer;
        node.integer = integer->get();
    } else if (const auto* real = source.as_floating_point()) {
        node.kind = Node::Kind::Real;
        node.real = real->get();
    } else if (const auto* boolean = source.as_boolean()) {
        node.kind = Node::Kind::Boolean;
        node.boolean = boolean->get();
    } else {
        node.kind = Node::Kind::Text;  // dates and times, for which JSON has no type
        if (const auto* date = source.as_date()) node.text = printed(date->get());
        if (const auto* time = source.as_time()) node.text = printed(time->get());
        if (const auto* moment = source.as_date_time()) node.text = printed(moment->get());
    }
    return node;
}

}  // namespace

Result<Node> parse_seed_toml(std::string_view text, const std::string& file) {
    if (const std::optional<TextPlace> place = find_deep_toml(text)) {
        return fail(ErrorKind::InvalidInput, prefix_of(file, {place->line, place->column}) +
                                                 "lists, tables or dotted keys nested more than " +
                                                 std::to_string(kMostTomlNesting) + " deep");
    }
    try {
        return to_node(toml::parse(text));
    } catch (const toml::parse_error& error) {
        return fail(ErrorKind::InvalidInput,
                    prefix_of(file, place_of(error.source())) + std::string(error.description()));
    }
}

}  // namespace sma::emulator
