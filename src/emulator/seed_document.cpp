// SPDX-License-Identifier: Apache-2.0
#include "emulator/seed_document.hpp"

#include "aws/json.hpp"
#include "emulator/json_text.hpp"

#include <boost/json.hpp>

namespace sma::emulator {

namespace {

namespace json = boost::json;

json::value to_value(const Node& node, const json::storage_ptr& storage) {
    switch (node.kind) {
    case Node::Kind::Null:
        return json::value(nullptr, storage);
    case Node::Kind::Boolean:
        return json::value(node.boolean, storage);
    case Node::Kind::Integer:
        return json::value(node.integer, storage);
    case Node::Kind::Real:
        return json::value(node.real, storage);
    case Node::Kind::Text:
        return json::value(node.text.reveal(), storage);
    case Node::Kind::List: {
        json::array array(storage);
        for (const Node& item : node.items)
            array.emplace_back(to_value(item, storage));
        return array;
    }
    case Node::Kind::Table:
        break;
    }
    json::object object(storage);
    for (const Member& member : node.members)
        object.emplace(member.name, to_value(member.value, storage));
    return object;
}

}  // namespace

std::string_view name_of(Node::Kind kind) noexcept {
    switch (kind) {
    case Node::Kind::Null:
        return "null";
    case Node::Kind::Boolean:
        return "a boolean";
    case Node::Kind::Integer:
        return "an integer";
    case Node::Kind::Real:
        return "a number";
    case Node::Kind::Text:
        return "a string";
    case Node::Kind::List:
        return "a list";
    case Node::Kind::Table:
        break;
    }
    return "a table";
}

SecretBytes to_json(const Node& node) {
    return json_text(to_value(node, aws::secret_storage()));
}

std::string prefix_of(const std::string& file, Place place) {
    return file + ":" + std::to_string(place.line) + ":" + std::to_string(place.column) + ": ";
}

}  // namespace sma::emulator
