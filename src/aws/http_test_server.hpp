// SPDX-License-Identifier: Apache-2.0
// A server that misbehaves as a test tells it: blocking sockets, a thread for each connection, TLS if wanted.
#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace sma::aws::testing {

/// A certificate authority and one server certificate, made on the spot.
class Certificates {
public:
    struct Wish {
        std::string name = "DNS:localhost,IP:127.0.0.1";  ///< subjectAltName
        bool expired = false;
    };
    explicit Certificates(const Wish& wish);
    [[nodiscard]] const std::string& authority_pem() const { return authority_pem_; }
    [[nodiscard]] SSL_CTX* context() const { return context_.get(); }

private:
    std::string authority_pem_;
    std::shared_ptr<SSL_CTX> context_;
};

class Peer {
public:
    Peer(int fd, SSL_CTX* tls);
    ~Peer();
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;

    /// Head and body (by Content-Length) of the next request, or empty when there is none.
    std::string read_request();
    void write(std::string_view bytes);
    /// Returns when the other side has closed (or after five seconds).
    void wait_closed();
    void close();
    /// Closes with a TCP reset.
    void reset();
    /// From now on TLS, as server (after a CONNECT).
    void start_tls(SSL_CTX* tls);

private:
    long receive(char* data, std::size_t size);
    int fd_;
    SSL* ssl_ = nullptr;
    std::string buffered_;
};

class TestServer {
public:
    /// `script` runs for each connection; `number` counts them from 1.
    using Script = std::function<void(Peer& peer, int number)>;
    explicit TestServer(Script script, SSL_CTX* tls = nullptr);
    ~TestServer();
    TestServer(const TestServer&) = delete;
    TestServer& operator=(const TestServer&) = delete;

    [[nodiscard]] int port() const { return port_; }
    [[nodiscard]] int connections() const { return connections_; }

private:
    int listener_ = -1;
    int port_ = 0;
    std::atomic<int> connections_{0};
    std::thread acceptor_;
    std::mutex mutex_;
    std::vector<std::thread> threads_;
};

/// A whole answer with Content-Length.
[[nodiscard]] inline std::string ok(std::string_view body, std::string_view headers = {}) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + std::string(headers) +
           "\r\n" + std::string(body);
}

}  // namespace sma::aws::testing
