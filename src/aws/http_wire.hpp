// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1 over a stream, by Beast. All that may hold a secret (header fields, body, read buffer) is in wiped memory.
//
// Included by http_connection.cpp and tests only: it is Beast.
#pragma once

#include "aws/http_connection.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

namespace sma::aws::http_wire {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

using Allocator = secret_memory::Allocator<char>;
using Fields = http::basic_fields<Allocator>;
using Buffer = beast::basic_flat_buffer<Allocator>;

constexpr std::size_t kFirstBuffer = 8 * 1024;
constexpr int kInterimAnswers = 4;                    // 1xx before the real one
constexpr std::size_t kHeaderValueLimit = 32 * 1024;  // of what we send: Beast throws beyond 64 KiB

[[nodiscard]] inline bool fits(const HttpRequest& request, std::size_t more) {
    for (const HttpHeader& header : request.headers) {
        if (header.name.size() > kHeaderValueLimit || header.value.size() > kHeaderValueLimit) return false;
    }
    return more <= kHeaderValueLimit;
}

/// A Beast body that is a SecretBytes.
struct SecretBody {
    using value_type = SecretBytes;
    static std::uint64_t size(const value_type& body) noexcept { return body.size(); }

    class reader {
    public:
        template <bool IsRequest, class F>
        reader(http::header<IsRequest, F>&, value_type& body) : body_(body) {}
        void init(const boost::optional<std::uint64_t>& length, beast::error_code& error) {
            // The length has passed the parser's body limit.
            if (length) body_.reserve(static_cast<std::size_t>(*length));
            error = {};
        }
        template <class Buffers>
        std::size_t put(const Buffers& buffers, beast::error_code& error) {
            const std::size_t before = body_.size();
            for (const asio::const_buffer part : beast::buffers_range_ref(buffers)) {
                body_.append({static_cast<const char*>(part.data()), part.size()});
            }
            error = {};
            return body_.size() - before;
        }
        void finish(beast::error_code& error) { error = {}; }

    private:
        value_type& body_;
    };
};

/// What a failed read means. `began`: a byte of the answer had arrived.
[[nodiscard]] inline Error read_error(const beast::error_code& error, bool began) {
    const bool ended = error == asio::error::eof || error == http::error::end_of_stream ||
                       error == http::error::partial_message || error == asio::ssl::error::stream_truncated;
    const bool reset = error == asio::error::connection_reset || error == asio::error::broken_pipe ||
                       error == asio::error::connection_aborted;
    if (began && (ended || reset)) return {ErrorKind::Truncated, "the connection broke within the answer"};
    if (ended) return {ErrorKind::Closed, "the connection was closed before an answer came"};
    if (error.category() == http::make_error_code(http::error::end_of_stream).category()) {
        return {ErrorKind::BadAnswer, "the answer is not usable HTTP: " + error.message()};
    }
    return {began ? ErrorKind::Truncated : ErrorKind::Connection, error.message()};
}

// References in the coroutines below: HttpConnection awaits each at once, and owns the stream.
// NOLINTBEGIN(cppcoreguidelines-avoid-reference-coroutine-parameters)
template <class Stream>
io::Task<HttpConnection::Exchange> exchange(Stream& stream, const HttpRequest& request, std::string target,
                                            SecretBytes proxy_login, HttpLimits limits) {
    if (!fits(request, target.size() + proxy_login.size())) {
        co_return HttpConnection::Exchange{fail(ErrorKind::InvalidInput, "a header of the request is too long")};
    }
    http::request<http::span_body<const char>, Fields> message;
    message.version(11);
    message.method_string(request.method);
    message.target(target);
    message.set(http::field::host, request.url.authority());
    for (const HttpHeader& header : request.headers)
        message.insert(header.name, header.value.reveal());
    if (!proxy_login.empty()) message.set(http::field::proxy_authorization, proxy_login.reveal());
    message.body() = {request.body.reveal().data(), request.body.size()};
    message.prepare_payload();
    {
        const auto [error, sent] = co_await http::async_write(stream, message, io::await_tuple);
        if (error)
            co_return HttpConnection::Exchange{fail(ErrorKind::Connection, "sending failed: " + error.message())};
    }

    Buffer buffer(limits.header_bytes + kFirstBuffer);
    buffer.reserve(kFirstBuffer);
    using Parser = http::response_parser<SecretBody, Allocator>;
    std::optional<Parser> parser;
    for (int interim = 0;; ++interim) {
        parser.emplace();
        parser->header_limit(static_cast<std::uint32_t>(limits.header_bytes));
        parser->body_limit(limits.body_bytes);
        const auto [error, got] = co_await http::async_read_header(stream, buffer, *parser, io::await_tuple);
        if (error) {
            const bool began = interim != 0 || parser->got_some() || buffer.size() != 0;
            co_return HttpConnection::Exchange{fail(read_error(error, began)), began};
        }
        if (parser->get().result_int() / 100 != 1) break;
        if (interim == kInterimAnswers) {
            co_return HttpConnection::Exchange{fail(ErrorKind::BadAnswer, "nothing but interim answers"), true};
        }
    }
    {
        const auto [error, got] = co_await http::async_read(stream, buffer, *parser, io::await_tuple);
        if (error) co_return HttpConnection::Exchange{fail(read_error(error, true)), true};
    }

    HttpResponse response;
    const bool reusable = parser->keep_alive() && buffer.size() == 0;
    response.status = parser->get().result_int();
    for (const auto& field : parser->get()) {
        response.headers.push_back({std::string(field.name_string()), SecretBytes(field.value())});
    }
    response.body = std::move(parser->get().body());
    co_return HttpConnection::Exchange{std::move(response), true, reusable};
}

/// Sends CONNECT and returns the status of the answer.
template <class Stream>
io::Task<Result<unsigned>> open_tunnel(Stream& stream, std::string host_and_port, SecretBytes login) {
    SecretBytes head("CONNECT ");
    for (const std::string_view part : {std::string_view(host_and_port), std::string_view(" HTTP/1.1\r\nHost: "),
                                        std::string_view(host_and_port), std::string_view("\r\n")}) {
        head.append(part);
    }
    if (!login.empty()) {
        head.append("Proxy-Authorization: ");
        head.append(login.reveal());
        head.append("\r\n");
    }
    head.append("\r\n");
    const auto [failed, sent] =
        co_await asio::async_write(stream, asio::buffer(head.reveal().data(), head.size()), io::await_tuple);
    if (failed) co_return fail(ErrorKind::Connection, "sending failed: " + failed.message());
    Buffer buffer(kFirstBuffer * 2);
    http::response_parser<http::empty_body, Allocator> parser;
    parser.skip(true);  // no body follows, whatever the header says
    const auto [error, got] = co_await http::async_read_header(stream, buffer, parser, io::await_tuple);
    if (error) co_return fail(ErrorKind::Connection, read_error(error, parser.got_some()).message());
    if (buffer.size() != 0) co_return fail(ErrorKind::Connection, "it sent bytes before the tunnel was used");
    co_return parser.get().result_int();
}
// NOLINTEND(cppcoreguidelines-avoid-reference-coroutine-parameters)

}  // namespace sma::aws::http_wire
