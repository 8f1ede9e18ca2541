// SPDX-License-Identifier: Apache-2.0
#include "aws/json.hpp"

#include "base/secret_memory.hpp"

#include <boost/json.hpp>
#include <boost/json/basic_parser_impl.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <string>

namespace sma::aws {
namespace {

namespace json = boost::json;

class SecretResource final : public json::memory_resource {
    void* do_allocate(std::size_t bytes, std::size_t) override { return secret_memory::allocate(bytes); }
    void do_deallocate(void* pointer, std::size_t bytes, std::size_t) override {
        secret_memory::deallocate(pointer, bytes);
    }
    [[nodiscard]] bool do_is_equal(const json::memory_resource& other) const noexcept override {
        return this == &other;
    }
};

// json::parse's handler, but for on_double.
struct Handler {
    static constexpr std::size_t max_object_size = json::object::max_size();
    static constexpr std::size_t max_array_size = json::array::max_size();
    static constexpr std::size_t max_key_size = json::string::max_size();
    static constexpr std::size_t max_string_size = json::string::max_size();
    using error_code = json::error_code;
    using string_view = json::string_view;

    explicit Handler(const json::storage_ptr& storage) : stack(storage) { stack.reset(storage); }

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }
    bool on_object_begin(error_code&) { return true; }
    bool on_object_end(std::size_t n, error_code&) { return stack.push_object(n), true; }
    bool on_array_begin(error_code&) { return true; }
    bool on_array_end(std::size_t n, error_code&) { return stack.push_array(n), true; }
    bool on_key_part(string_view s, std::size_t, error_code&) { return stack.push_chars(s), true; }
    bool on_key(string_view s, std::size_t, error_code&) { return stack.push_key(s), true; }
    bool on_string_part(string_view s, std::size_t, error_code&) { return stack.push_chars(s), true; }
    bool on_string(string_view s, std::size_t, error_code&) { return stack.push_string(s), true; }
    // Never called: the document is given whole, so that each number's text arrives in one piece.
    bool on_number_part(string_view, error_code& error) { return error = json::error::incomplete, false; }
    bool on_int64(std::int64_t i, string_view, error_code&) { return stack.push_int64(i), true; }
    bool on_uint64(std::uint64_t u, string_view, error_code&) { return stack.push_uint64(u), true; }
    bool on_double(double rounded, string_view text, error_code& error) {
        double nearest = 0;
        const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), nearest);
        if (failure == std::errc::result_out_of_range) {
            nearest = rounded;  // so small that it is zero, or it has no double
            if (std::abs(rounded) > 1) return error = json::error::exponent_overflow, false;
        } else if (failure != std::errc{} || end != text.data() + text.size()) {
            return error = json::error::syntax, false;
        }
        stack.push_double(nearest);
        return true;
    }
    bool on_bool(bool b, error_code&) { return stack.push_bool(b), true; }
    bool on_null(error_code&) { return stack.push_null(), true; }
    bool on_comment_part(string_view, error_code&) { return true; }
    bool on_comment(string_view, error_code&) { return true; }

    json::value_stack stack;
};

// The parser unescapes strings in a buffer on the stack. Overwrites what it left there.
[[gnu::noinline]] void wipe_stack() {
    std::array<std::byte, 24 * 1024> garbage;  // NOLINT(cppcoreguidelines-pro-type-member-init): about to be wiped
    secret_memory::wipe(garbage.data(), garbage.size());
}

[[gnu::noinline]] Result<json::value> parse(std::string_view text, const json::storage_ptr& storage) {
    json::parse_options options;
    options.max_depth = kJsonDepth;
    json::basic_parser<Handler> parser(options, storage);
    json::error_code error;
    const std::size_t used = parser.write_some(false, text.data(), text.size(), error);
    if (!error && used < text.size()) error = json::error::extra_data;
    if (error) {
        return fail(ErrorKind::BadAnswer, "not JSON: " + error.message() + " at byte " + std::to_string(used) + " of " +
                                              std::to_string(text.size()));
    }
    return parser.handler().stack.release();
}

}  // namespace

json::storage_ptr secret_storage() {
    static SecretResource resource;
    return &resource;
}

Result<json::value> parse_json(std::string_view text, const json::storage_ptr& storage) {
    try {
        Result<json::value> value = parse(text, storage);
        wipe_stack();
        return value;
    } catch (const std::exception&) {  // out of memory, or an object of more members than Boost.JSON can index
        wipe_stack();
        return fail(ErrorKind::BadAnswer, "JSON too large for memory");
    }
}

}  // namespace sma::aws
