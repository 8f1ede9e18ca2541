// SPDX-License-Identifier: Apache-2.0
#include "server/request.hpp"

#include "base/ascii.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/field.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>

namespace sma::server {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;

// Fields that only something between the client and us adds. Whoever forwards a request does not sit on this machine.
constexpr std::array<std::string_view, 9> kForwarding = {"forwarded",
                                                         "via",
                                                         "x-real-ip",
                                                         "cf-connecting-ip",
                                                         "true-client-ip",
                                                         "x-client-ip",
                                                         "x-cluster-client-ip",
                                                         "x-original-forwarded-for",
                                                         "x-envoy-external-address"};
constexpr std::string_view kForwardedPrefix = "x-forwarded";

using ascii::equals_ignoring_case;

bool marks_a_proxy(std::string_view name) noexcept {
    // Most fields are told by their first letter.
    switch (name.empty() ? '\0' : name.front() | 0x20) {
    case 'x':
        if (name.size() >= kForwardedPrefix.size() &&
            equals_ignoring_case(name.substr(0, kForwardedPrefix.size()), kForwardedPrefix)) {
            return true;
        }
        [[fallthrough]];
    case 'f':
    case 'v':
    case 'c':
    case 't':
        return std::ranges::any_of(kForwarding,
                                   [name](std::string_view known) { return equals_ignoring_case(name, known); });
    default:
        return false;
    }
}

class HeadParser final : public http::basic_parser<true> {
public:
    HeadParser(std::string_view bytes, const TokenCheck& token, RequestHead& head)
        : bytes_(bytes), token_(token), head_(head) {
        header_limit(static_cast<std::uint32_t>(kMaxHead + 1));
        body_limit(boost::none);
    }

    [[nodiscard]] Malformed malformed() const noexcept { return malformed_; }

private:
    void on_request_impl(http::verb, beast::string_view method, beast::string_view target, int version,
                         beast::error_code&) override {
        head_.method = {method.data(), method.size()};
        head_.target = {target.data(), target.size()};
        head_.http_1_0 = version == 10;
    }

    void on_field_impl(http::field field, beast::string_view name, beast::string_view value,
                       beast::error_code& error) override {
        if (++fields_ > kMaxFields) return refuse(Malformed::HeadTooLarge, error);
        if (is_folded(name, value)) return refuse(Malformed::BadRequest, error);
        switch (field) {
        case http::field::host:
            if (head_.hosts++ == 0) head_.host = {value.data(), value.size()};
            return;
        case http::field::transfer_encoding:
            return refuse(Malformed::BadRequest, error);
        case http::field::content_length:
            if (lengths_++ != 0) return refuse(Malformed::BadRequest, error);
            head_.body = !std::ranges::all_of(value, [](char c) { return c == '0'; });
            return;
        default:
            break;
        }
        const std::string_view field_name(name.data(), name.size());
        if (token_.match(field_name, {value.data(), value.size()})) head_.token = true;
        if (marks_a_proxy(field_name)) head_.forwarded = true;
    }

    void on_header_impl(beast::error_code&) override { head_.keep_alive = keep_alive(); }

    // Bodies are never read, so none of these is reached.
    void on_response_impl(int, beast::string_view, int, beast::error_code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, beast::error_code&) override {}
    std::size_t on_body_impl(beast::string_view, beast::error_code&) override { return 0; }
    void on_chunk_header_impl(std::uint64_t, beast::string_view, beast::error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view, beast::error_code&) override { return 0; }
    void on_finish_impl(beast::error_code&) override {}

    void refuse(Malformed why, beast::error_code& error) {
        malformed_ = why;
        error = http::error::bad_field;
    }
    // Beast skips line breaks before a value, and unfolds what has later ones into a buffer of its own.
    [[nodiscard]] bool is_folded(beast::string_view name, beast::string_view value) const noexcept {
        const char* const after_name = name.data() + name.size();
        const char* const end = bytes_.data() + bytes_.size();
        if (std::less<>{}(value.data(), after_name) || !std::less<>{}(value.data(), end)) return true;
        return std::find(after_name, value.data(), '\n') != value.data();
    }

    std::string_view bytes_;
    const TokenCheck& token_;
    RequestHead& head_;
    std::size_t fields_ = 0;
    unsigned lengths_ = 0;
    Malformed malformed_ = Malformed::No;
};

// Bytes a target may hold: visible ASCII but '#', and but what has to be percent-encoded in its part.
struct TargetBytes {
    std::array<bool, 256> path{};
    std::array<bool, 256> query{};
    constexpr TargetBytes() {
        for (std::size_t c = 0x21; c < 0x7f; ++c)
            path[c] = query[c] = c != '#' && c != '<' && c != '>';
        path['`'] = false;
        query['"'] = false;
    }
};
constexpr TargetBytes kTargetBytes;

bool well_formed(std::string_view target) noexcept {
    const auto* allowed = &kTargetBytes.path;
    for (const char c : target) {
        if (!(*allowed)[static_cast<unsigned char>(c)]) return false;
        if (c == '?') allowed = &kTargetBytes.query;
    }
    return true;
}

}  // namespace

std::size_t find_head(std::string_view bytes, std::size_t& searched) noexcept {
    // A head ends with an empty line. Bare LF counts here, so that what will be refused is refused at once.
    std::size_t at = std::max(searched, std::min(bytes.find_first_not_of("\r\n"), bytes.size()));
    for (;;) {
        const std::size_t line_end = bytes.find('\n', at);
        if (line_end == std::string_view::npos || line_end + 1 >= bytes.size()) {
            searched = line_end == std::string_view::npos ? bytes.size() : line_end;
            return 0;
        }
        const char next = bytes[line_end + 1];
        if (next == '\n') return line_end + 2;
        if (next == '\r') {
            if (line_end + 2 >= bytes.size()) {
                searched = line_end;
                return 0;
            }
            if (bytes[line_end + 2] == '\n') return line_end + 3;
        }
        at = line_end + 1;
    }
}

Malformed parse_head(std::string_view bytes, const TokenCheck& token, RequestHead& head) {
    // Empty lines before a request line are to be ignored (RFC 9112, 2.2).
    bytes.remove_prefix(std::min(bytes.find_first_not_of("\r\n"), bytes.size()));
    if (bytes.empty()) return Malformed::BadRequest;
    HeadParser parser(bytes, token, head);
    beast::error_code error;
    parser.put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
    if (parser.malformed() != Malformed::No) return parser.malformed();
    if (error == http::error::header_limit) return Malformed::HeadTooLarge;
    if (error || !parser.is_header_done()) return Malformed::BadRequest;
    if (head.target.size() > kMaxTarget) return Malformed::TargetTooLong;
    if (!well_formed(head.target)) return Malformed::BadRequest;
    if (head.body && head.method == "GET") return Malformed::BadRequest;
    return Malformed::No;
}

}  // namespace sma::server
