// SPDX-License-Identifier: Apache-2.0
#include "aws/xml.hpp"

#include "base/ascii.hpp"

#include <pugixml.hpp>

namespace sma::aws::xml {
namespace {

// pugixml parses without recursion, so depth costs nothing; finding is recursive.
constexpr int kDepth = 16;

std::string_view local_name(std::string_view name) {
    const std::size_t colon = name.find(':');
    return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

pugi::xml_node child_named(const pugi::xml_node& node, std::string_view name) {
    for (const pugi::xml_node child : node.children()) {
        if (child.type() == pugi::node_element && local_name(child.name()) == name) return child;
    }
    return {};
}

pugi::xml_node find(const pugi::xml_node& node, std::string_view parent, std::string_view child, int depth) {
    if (depth == 0) return {};
    for (const pugi::xml_node next : node.children()) {
        if (next.type() != pugi::node_element) continue;
        if (local_name(next.name()) == parent) {
            if (const pugi::xml_node found = child_named(next, child)) return found;
        }
        if (const pugi::xml_node deeper = find(next, parent, child, depth - 1)) return deeper;
    }
    return {};
}

}  // namespace

struct Document::State {
    pugi::xml_document document;
    bool ok = false;
};

Document::Document(std::string_view text) : state_(std::make_unique<State>()) {
    // parse_default reads no DOCTYPE entities: no expansion, no files.
    const pugi::xml_parse_result result =
        state_->document.load_buffer(text.data(), text.size(), pugi::parse_default, pugi::encoding_utf8);
    state_->ok = static_cast<bool>(result);
    if (!state_->ok) state_->document.reset();
}

Document::~Document() = default;

bool Document::ok() const noexcept {
    return state_->ok;
}

std::string Document::text(std::string_view parent, std::string_view child) const {
    return std::string(ascii::trimmed(find(state_->document, parent, child, kDepth).child_value()));
}

}  // namespace sma::aws::xml
