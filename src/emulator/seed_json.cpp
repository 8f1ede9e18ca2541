// SPDX-License-Identifier: Apache-2.0
// Boost.JSON's own documents do not remember where a value stood, so this builds the tree from its parser's events,
// fed one byte at a time: the place of an event is the place of the byte that caused it.
#include "aws/json.hpp"
#include "emulator/seed_document.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <charconv>

namespace sma::emulator {

namespace {

namespace json = boost::json;
using boost::system::error_code;

class TreeBuilder {
public:
    static constexpr std::size_t max_object_size = 100'000;
    static constexpr std::size_t max_array_size = 100'000;
    static constexpr std::size_t max_key_size = 4096;
    static constexpr std::size_t max_string_size = 4 * 1024 * 1024;

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }
    bool on_object_begin(error_code&) { return open(Node::Kind::Table); }
    bool on_object_end(std::size_t, error_code&) { return close(); }
    bool on_array_begin(error_code&) { return open(Node::Kind::List); }
    bool on_array_end(std::size_t, error_code&) { return close(); }
    bool on_key_part(std::string_view part, std::size_t, error_code&) {
        key_ += part;
        return true;
    }
    bool on_key(std::string_view part, std::size_t, error_code&) {
        key_ += part;
        // The place of the event is the closing quote; a key is on one line.
        const std::size_t back = key_.size() + 1;
        key_place_ = {place.line, place.column > back ? place.column - back : 1};
        return true;
    }
    bool on_string_part(std::string_view part, std::size_t, error_code&) {
        text_.append(part);
        return true;
    }
    bool on_string(std::string_view part, std::size_t, error_code&) {
        text_.append(part);
        Node& node = add(Node::Kind::Text);
        node.text = std::move(text_);
        text_ = SecretBytes();
        return true;
    }
    bool on_number_part(std::string_view part, error_code&) {
        number_ += part;
        return true;
    }
    bool on_int64(std::int64_t value, std::string_view, error_code&) {
        add(Node::Kind::Integer).integer = value;
        number_.clear();
        return true;
    }
    bool on_uint64(std::uint64_t value, std::string_view, error_code&) {
        add(Node::Kind::Real).real = static_cast<double>(value);
        number_.clear();
        return true;
    }
    bool on_double(double value, std::string_view part, error_code&) {
        number_ += part;
        // The parser's own value may be off by one place.
        std::from_chars(number_.data(), number_.data() + number_.size(), value);
        add(Node::Kind::Real).real = value;
        number_.clear();
        return true;
    }
    bool on_bool(bool value, error_code&) {
        add(Node::Kind::Boolean).boolean = value;
        return true;
    }
    bool on_null(error_code&) {
        add(Node::Kind::Null);
        return true;
    }
    bool on_comment_part(std::string_view, error_code&) { return true; }
    bool on_comment(std::string_view, error_code&) { return true; }

    Place place{1, 0};
    Node root;

private:
    Node& add(Node::Kind kind) {
        Node* node = &root;
        if (!open_.empty()) {
            Node& parent = *open_.back();
            if (parent.kind == Node::Kind::Table) {
                parent.members.push_back({std::exchange(key_, {}), key_place_, {}});
                node = &parent.members.back().value;
            } else {
                node = &parent.items.emplace_back();
            }
        }
        node->kind = kind;
        node->place = place;
        return *node;
    }
    // A parent's children grow only while none of them is open, so the pointers in open_ stay valid.
    bool open(Node::Kind kind) {
        open_.push_back(&add(kind));
        return true;
    }
    bool close() {
        open_.pop_back();
        return true;
    }

    std::vector<Node*> open_;
    std::string key_;
    Place key_place_;
    SecretBytes text_;
    std::string number_;
};

}  // namespace

Result<Node> parse_seed_json(std::string_view text, const std::string& file) {
    json::basic_parser<TreeBuilder> parser{json::parse_options{}};
    TreeBuilder& tree = parser.handler();
    error_code error;
    for (const char& c : text) {
        ++tree.place.column;
        parser.write_some(true, &c, 1, error);
        if (error) break;
        if (c == '\n') tree.place = {tree.place.line + 1, 0};
    }
    if (!error) parser.write_some(false, text.data() + text.size(), 0, error);
    if (error) return fail(ErrorKind::InvalidInput, prefix_of(file, tree.place) + "not valid JSON: " + error.message());
    return std::move(tree.root);
}

}  // namespace sma::emulator
