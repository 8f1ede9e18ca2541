// SPDX-License-Identifier: Apache-2.0
#include "aws/http_connection.hpp"

#include "aws/http_proxy.hpp"
#include "aws/http_resolver.hpp"
#include "aws/http_wire.hpp"
#include "io/timer.hpp"

#include <boost/asio/this_coro.hpp>

#include <poll.h>

namespace sma::aws {
namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using SteadyClock = io::Timer::clock_type;

Error too_slow(const Url& peer) {
    return {ErrorKind::Timeout, "connecting to " + peer.host_and_port() + " took too long"};
}

}  // namespace

HttpConnection::HttpConnection(io::Executor executor) : socket_(executor) {}
HttpConnection::~HttpConnection() = default;

io::Task<Result<std::unique_ptr<HttpConnection>>>
HttpConnection::open(Url url, std::optional<Url> proxy, TlsContextPtr tls, std::chrono::nanoseconds limit) {
    const auto end = SteadyClock::now() + limit;
    auto connection = std::make_unique<HttpConnection>(co_await asio::this_coro::executor);
    const Url peer = proxy.value_or(url);
    Result<void> done = co_await connection->connect(peer, limit);
    if (!done) co_return fail(std::move(done.error()));
    if (!url.https) {
        connection->forward_proxy_ = std::move(proxy);
        co_return connection;
    }
    const io::Deadline deadline(connection->socket_.get_executor(), end - SteadyClock::now(),
                                [raw = connection.get()] { raw->close(); });
    if (proxy) done = co_await connection->tunnel(url, *proxy);
    if (done) done = co_await connection->shake_hands(url, std::move(tls));
    if (deadline.expired()) co_return fail(too_slow(url));
    if (!done) co_return fail(std::move(done.error()));
    co_return connection;
}

io::Task<Result<void>> HttpConnection::connect(Url peer, std::chrono::nanoseconds limit) {
    const auto end = SteadyClock::now() + limit;
    Result<std::vector<Tcp::endpoint>> endpoints = co_await resolve(peer.host, peer.port, limit);
    if (!endpoints) co_return fail(std::move(endpoints.error()));
    Error last = too_slow(peer);
    for (std::size_t left = endpoints->size(); left > 0; --left) {
        // An equal share of what is left for each address, so that one that swallows packets does not eat it all.
        const auto share = (end - SteadyClock::now()) / static_cast<std::int64_t>(left);
        if (share <= share.zero()) co_return fail(too_slow(peer));
        close();
        const io::Deadline deadline(socket_.get_executor(), share, [this] { close(); });
        const Tcp::endpoint endpoint = (*endpoints)[endpoints->size() - left];
        const auto [error] = co_await socket_.async_connect(endpoint, io::await_tuple);
        if (!error && !deadline.expired()) {  // otherwise it is closed again
            boost::system::error_code ignored;
            socket_.set_option(Tcp::no_delay(true), ignored);  // NOLINT(bugprone-unused-return-value)
            co_return Result<void>();
        }
        if (deadline.expired())
            last = too_slow(peer);
        else
            last = Error(ErrorKind::Connection, "cannot connect to " + peer.host_and_port() + ": " + error.message());
    }
    co_return fail(std::move(last));
}

io::Task<Result<void>> HttpConnection::tunnel(Url url, Url proxy) {
    Result<unsigned> status = co_await http_wire::open_tunnel(socket_, url.host_and_port(), proxy_authorization(proxy));
    if (!status) co_return fail(std::move(status.error()).with_context("proxy " + proxy.host_and_port()));
    if (*status / 100 == 2) co_return Result<void>();
    Error refused(ErrorKind::Connection, "proxy " + proxy.host_and_port() + " answered HTTP " +
                                             std::to_string(*status) + " to CONNECT " + url.host_and_port());
    if (*status == 407) refused = std::move(refused).with_hint("put USER:PASSWORD@ before the host in HTTPS_PROXY");
    co_return fail(std::move(refused));
}

io::Task<Result<void>> HttpConnection::shake_hands(Url url, TlsContextPtr tls) {
    context_ = std::move(tls);
    tls_.emplace(socket_, *context_);
    if (Result<void> set = expect_host(tls_->native_handle(), url.host); !set) co_return set;
    const auto [error] = co_await tls_->async_handshake(asio::ssl::stream_base::client, io::await_tuple);
    if (error) co_return fail(handshake_error(tls_->native_handle(), url.host, error));
    co_return Result<void>();
}

// NOLINTNEXTLINE(cppcoreguidelines-avoid-reference-coroutine-parameters): awaited at once by who owns it
io::Task<HttpConnection::Exchange> HttpConnection::exchange(const HttpRequest& request, HttpLimits limits,
                                                            std::chrono::nanoseconds limit) {
    const io::Deadline deadline(socket_.get_executor(), limit, [this] { close(); });
    std::string target = request.url.target();
    SecretBytes proxy_login;
    if (forward_proxy_) {
        target = std::string(request.url.scheme()) + "://" + request.url.authority() + target;
        proxy_login = proxy_authorization(*forward_proxy_);
    }
    Exchange result{fail(ErrorKind::Internal, "no exchange")};
    if (tls_)
        result = co_await http_wire::exchange(*tls_, request, std::move(target), std::move(proxy_login), limits);
    else
        result = co_await http_wire::exchange(socket_, request, std::move(target), std::move(proxy_login), limits);
    if (deadline.expired() && !result.response) {
        result.response = fail(ErrorKind::Timeout, request.url.host_and_port() + " took too long to answer");
    } else if (!result.response) {
        result.response = fail(std::move(result.response.error()).with_context(request.url.host_and_port()));
    }
    if (!result.reusable) close();
    co_return result;
}

bool HttpConnection::is_alive() noexcept {
    if (!socket_.is_open()) return false;
    pollfd state{socket_.native_handle(), POLLIN | POLLRDHUP, 0};
    if (::poll(&state, 1, 0) == 0) return true;
    // Over TLS 1.3 unread bytes may be session tickets; over plain TCP they answer nothing we asked.
    return tls_ && (state.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) == 0;
}

void HttpConnection::close() noexcept {
    boost::system::error_code ignored;
    socket_.close(ignored);  // NOLINT(bugprone-unused-return-value)
}

}  // namespace sma::aws
