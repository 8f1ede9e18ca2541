// SPDX-License-Identifier: Apache-2.0
#include "server/server.hpp"

#include "base/log.hpp"
#include "server/worker.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>

#include <cerrno>
#include <expected>
#include <thread>

#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sma::server {
namespace {

namespace ip = io::asio::ip;
using namespace std::chrono_literals;

constexpr int kBacklog = 1024;

template <class T>
bool set(int fd, int level, int option, T value) {
    return ::setsockopt(fd, level, option, &value, sizeof value) == 0;
}

// A bound socket that does not listen yet. `shared`: may be bound beside others of this process.
class BoundSocket {
public:
    BoundSocket(const Tcp::endpoint& endpoint, bool shared) {
        const int family = endpoint.protocol().family();
        fd_ = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd_ < 0) {
            error_ = errno;
            return;
        }
        set(fd_, SOL_SOCKET, SO_REUSEADDR, 1);
        if (shared) set(fd_, SOL_SOCKET, SO_REUSEPORT, 1);
        // Answers must not cross a router, and go out at once. Accepted sockets inherit both.
        if (family == AF_INET)
            set(fd_, IPPROTO_IP, IP_TTL, 1);
        else {
            set(fd_, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 1);
            set(fd_, IPPROTO_IPV6, IPV6_V6ONLY, 1);
        }
        set(fd_, IPPROTO_TCP, TCP_NODELAY, 1);
        if (::bind(fd_, endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0) error_ = errno;
    }
    ~BoundSocket() {
        if (fd_ >= 0) ::close(fd_);
    }
    BoundSocket(BoundSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)), error_(other.error_) {}
    BoundSocket(const BoundSocket&) = delete;
    BoundSocket& operator=(const BoundSocket&) = delete;
    BoundSocket& operator=(BoundSocket&&) = delete;

    [[nodiscard]] int error() const noexcept { return error_; }
    void share() const { set(fd_, SOL_SOCKET, SO_REUSEPORT, 1); }
    [[nodiscard]] int listen() {
        if (::listen(fd_, kBacklog) != 0) error_ = errno;
        return error_;
    }
    [[nodiscard]] std::uint16_t port() const {
        sockaddr_storage address{};
        socklen_t size = sizeof address;
        ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
        // sin_port and sin6_port are at the same place.
        return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
    }
    [[nodiscard]] Acceptor release(io::Executor executor, const Tcp& protocol) {
        return {executor, protocol, std::exchange(fd_, -1)};
    }

private:
    int fd_ = -1;
    int error_ = 0;
};

Error cannot_bind(const Tcp::endpoint& endpoint, int error) {
    const std::string address =
        endpoint.address().is_v6() ? "[" + endpoint.address().to_string() + "]" : endpoint.address().to_string();
    Error failure(ErrorKind::System,
                  "Could not bind to " + address + ":" + std::to_string(endpoint.port()) + ": " + os_error_text(error));
    if (error != EADDRINUSE) return failure;
    return std::move(failure).with_hint("another program listens there; set http_port to a free port");
}

bool family_is_missing(int error) noexcept {
    return error == EADDRNOTAVAIL || error == EAFNOSUPPORT || error == EPROTONOSUPPORT;
}

// One socket for each worker on one address, or the system's error. The first is bound alone, so that a port in use is
// an error even when the other program shares it with whoever comes.
std::expected<std::vector<BoundSocket>, int> bind_all(Tcp::endpoint endpoint, std::size_t count) {
    std::vector<BoundSocket> sockets;
    sockets.emplace_back(endpoint, false);
    if (sockets.front().error() != 0) return std::unexpected(sockets.front().error());
    sockets.front().share();
    endpoint.port(sockets.front().port());
    while (sockets.size() < count)
        sockets.emplace_back(endpoint, true);
    for (BoundSocket& socket : sockets) {
        if (socket.error() != 0 || socket.listen() != 0) return std::unexpected(socket.error());
    }
    return sockets;
}

}  // namespace

Server::Server(const Options& options, secrets::SecretService& service, const TokenSource& token, const Clock& clock)
    : shared_{.options = options,
              .admission = Admission(options.allowed_hosts),
              .service = service,
              .token = token,
              .clock = clock,
              .max_connections = options.max_connections,
              .workers = {}} {
    for (std::size_t i = 0; i < options.workers; ++i)
        shared_.workers.push_back(std::make_unique<Worker>(shared_, i));
}

Server::~Server() {
    stop(0ms);
}

Result<std::unique_ptr<Server>> Server::create(const Options& options, secrets::SecretService& service,
                                               const TokenSource& token, const Clock& clock) {
    std::unique_ptr<Server> server(new Server(options, service, token, clock));
    // With port 0 the system picks one for IPv4 that may be taken for IPv6: pick again.
    Result<void> bound = server->bind();
    for (int attempt = 0; attempt < 16 && !bound && options.port == 0; ++attempt)
        bound = server->bind();
    if (!bound) return fail(bound.error());
    return server;
}

Result<void> Server::bind() {
    const std::size_t count = shared_.workers.size();
    const Tcp::endpoint v4_endpoint(ip::address_v4::loopback(), shared_.options.port);
    auto v4 = bind_all(v4_endpoint, count);
    if (!v4) return fail(cannot_bind(v4_endpoint, v4.error()));
    const std::uint16_t port = v4->front().port();
    // Clients resolve localhost to ::1 first: another program there would be handed their tokens, so it is an error.
    const Tcp::endpoint v6_endpoint(ip::address_v6::loopback(), port);
    auto v6 = bind_all(v6_endpoint, count);
    if (!v6 && !family_is_missing(v6.error())) return fail(cannot_bind(v6_endpoint, v6.error()));
    for (std::size_t i = 0; i < count; ++i) {
        Worker& worker = *shared_.workers[i];
        worker.add_listener((*v4)[i].release(worker.loop().executor(), Tcp::v4()));
        if (v6) worker.add_listener((*v6)[i].release(worker.loop().executor(), Tcp::v6()));
    }
    port_ = port;
    return {};
}

void Server::start() {
    for (const auto& worker : shared_.workers)
        worker->start();
}

std::vector<io::Executor> Server::executors() const {
    std::vector<io::Executor> all;
    all.reserve(shared_.workers.size());
    for (const auto& worker : shared_.workers)
        all.push_back(worker->loop().executor());
    return all;
}

bool Server::stop(std::chrono::milliseconds limit) {
    if (!shared_.stopping.exchange(true)) {
        for (const auto& worker : shared_.workers) {
            io::asio::post(worker->loop().executor(), [w = worker.get()] { w->wind_down(); });
        }
    }
    const auto until = std::chrono::steady_clock::now() + limit;
    while (shared_.open != 0 && std::chrono::steady_clock::now() < until)
        std::this_thread::sleep_for(5ms);
    const bool done = shared_.open == 0;
    for (const auto& worker : shared_.workers)
        worker->loop().stop();
    return done;
}

}  // namespace sma::server
