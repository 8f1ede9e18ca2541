// SPDX-License-Identifier: Apache-2.0
#include "emulator/session.hpp"

#include "base/secret_memory.hpp"
#include "io/timer.hpp"

#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <array>
#include <chrono>

namespace sma::emulator {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

constexpr std::chrono::seconds kIdle{60};
constexpr std::chrono::seconds kLinger{1};
constexpr std::uint32_t kHeaderLimit = 16 * 1024;
constexpr std::size_t kBufferLimit = 64 * 1024;

// Bodies carry secrets: they and the bytes read ahead live in memory that is wiped.
using Body = http::vector_body<char, secret_memory::Allocator<char>>;
using Buffer = beast::basic_flat_buffer<secret_memory::Allocator<char>>;
using Parser = http::request_parser<Body>;

class Registered {
public:
    Registered(std::shared_ptr<Core> core, Socket& socket) : core_(std::move(core)), socket_(&socket) {
        core_->connections.insert(socket_);
    }
    ~Registered() { core_->connections.erase(socket_); }
    Registered(const Registered&) = delete;
    Registered& operator=(const Registered&) = delete;

private:
    std::shared_ptr<Core> core_;
    Socket* socket_;
};

Request to_request(const Parser& parser) {
    const auto& message = parser.get();
    Request request;
    request.method = std::string(message.method_string());
    request.target = std::string(message.target());
    for (const auto& field : message) {
        request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    }
    request.body = SecretBytes(std::string_view(message.body().data(), message.body().size()));
    return request;
}

std::string head_of(const Response& response, bool keep_alive) {
    std::string head = "HTTP/1.1 " + std::to_string(response.status) + " " +
                       std::string(http::obsolete_reason(http::int_to_status(response.status))) + "\r\n";
    for (const auto& [name, value] : response.headers)
        head += name + ": " + value + "\r\n";
    head += "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
    head += keep_alive ? "\r\n" : "Connection: close\r\n\r\n";
    return head;
}

enum class With : std::uint8_t { Body, HeadOnly };

// References in the coroutines below: their one caller awaits each at once, and owns what they refer to.
// NOLINTBEGIN(cppcoreguidelines-avoid-reference-coroutine-parameters)
io::Task<bool> write(Socket& socket, Response response, With with, bool keep_alive) {
    const std::string head = head_of(response, keep_alive);
    const std::string_view body = with == With::Body ? response.body.reveal() : std::string_view();
    const std::array<asio::const_buffer, 2> parts = {asio::buffer(head), asio::buffer(body.data(), body.size())};
    const auto [error, size] = co_await asio::async_write(socket, parts, io::await_tuple);
    co_return !error;
}

/// Lets the peer read a refusal before the connection is reset: bytes it still sends are read and dropped for a while.
io::Task<void> linger(Socket& socket) {
    boost::system::error_code ignored;
    socket.shutdown(Socket::shutdown_send, ignored);
    const io::Deadline deadline(socket.get_executor(), kLinger, [&socket] { socket.cancel(); });
    std::array<char, 4096> dropped{};
    bool more = true;
    while (more && !deadline.expired()) {
        const auto [error, size] = co_await socket.async_read_some(asio::buffer(dropped), io::await_tuple);
        more = !error;
    }
}

enum class Next : std::uint8_t { Answer, RefuseSize, RefuseSyntax, Close };

/// Header, 100 Continue where it is waited for, body.
io::Task<Next> read(Socket& socket, Buffer& buffer, Parser& parser) {
    const auto [header_error, header_size] = co_await http::async_read_header(socket, buffer, parser, io::await_tuple);
    if (!header_error && beast::iequals(parser.get()[http::field::expect], "100-continue")) {
        constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        const auto [error, size] =
            co_await asio::async_write(socket, asio::buffer(go_on.data(), go_on.size()), io::await_tuple);
        if (error) co_return Next::Close;
    }
    boost::system::error_code failure = header_error;
    if (!failure) {
        const auto [body_error, body_size] = co_await http::async_read(socket, buffer, parser, io::await_tuple);
        failure = body_error;
    }
    if (!failure) co_return Next::Answer;
    const bool parsing = failure.category() == http::make_error_code(http::error::bad_version).category();
    const bool gone = failure == http::error::end_of_stream || failure == http::error::partial_message;
    if (!parsing || gone) co_return Next::Close;
    co_return failure == http::error::body_limit ? Next::RefuseSize : Next::RefuseSyntax;
}
// NOLINTEND(cppcoreguidelines-avoid-reference-coroutine-parameters)

}  // namespace

// The helpers above take references to objects of this frame, which awaits them.
io::Task<void> serve_connection(std::shared_ptr<Core> core, Socket connection) {
    Socket socket = std::move(connection);
    const Registered registered(core, socket);
    Buffer buffer(kBufferLimit);
    bool keep_alive = true;
    while (keep_alive && !core->stopped) {
        const io::Deadline deadline(socket.get_executor(), kIdle, [&socket] {
            boost::system::error_code ignored;
            socket.close(ignored);
        });
        Parser parser;
        parser.header_limit(kHeaderLimit);
        parser.body_limit(kBodyLimit);
        const Next next = co_await read(socket, buffer, parser);
        if (next == Next::Close) co_return;
        if (next != Next::Answer) {
            Response refusal = core->service.refusal(next == Next::RefuseSize ? 413 : 400);
            co_await write(socket, std::move(refusal), With::Body, false);
            co_await linger(socket);
            co_return;
        }
        keep_alive = parser.keep_alive() && parser.get().version() >= 11;
        const With with = parser.get().method() == http::verb::head ? With::HeadOnly : With::Body;
        const Request request = to_request(parser);
        Response response = core->service.handle(request);
        const bool written = co_await write(socket, std::move(response), with, keep_alive);
        if (!written) co_return;
    }
}

}  // namespace sma::emulator
