// SPDX-License-Identifier: Apache-2.0
// The HTTP interface on localhost: workers, their listeners, the limits they share.
//
// start() and stop() are called by one thread, the one that owns the server. Questions that its sessions have asked of
// the service hold on to its loops: destroy it only after the upstream loop has ended.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "secrets/service.hpp"
#include "server/admission.hpp"
#include "server/token.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace sma::server {

struct Options {
    std::uint16_t port = 2773;  ///< 0: the system picks
    std::size_t workers = 1;
    std::string path_prefix = "/v1/";
    std::vector<std::string> allowed_hosts;
    std::size_t max_connections = 800;  ///< requests at hand at once; connections beyond it make idle ones close

    std::chrono::milliseconds header_limit{10'000};   ///< first byte of a head to its last
    std::chrono::milliseconds idle_limit{60'000};     ///< between requests
    std::chrono::milliseconds request_limit{61'000};  ///< a request's answer, then 504
    std::chrono::milliseconds write_limit{60'000};    ///< a client that does not read its answer
};

class Worker;

/// What the workers of a server share.
struct Shared {
    Options options;
    Admission admission;
    secrets::SecretService& service;
    const TokenSource& token;
    const Clock& clock;
    std::atomic<std::size_t> max_connections;
    std::atomic<std::size_t> open{0};  ///< connections of all workers
    std::atomic<std::size_t> busy{0};  ///< ... of which so many wait for an answer, or are being sent one
    std::atomic<bool> stopping{false};
    std::vector<std::unique_ptr<Worker>> workers;
};

class Server {
public:
    /// Binds 127.0.0.1 and, where it exists, ::1. ErrorKind::System in the reference's words when it cannot. The kernel
    /// queues connections from here on; they are served after start().
    [[nodiscard]] static Result<std::unique_ptr<Server>> create(const Options& options, secrets::SecretService& service,
                                                                const TokenSource& token, const Clock& clock);
    ~Server();

    void start();
    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    /// Applies a new limit to a running server. Any thread.
    void set_max_connections(std::size_t limit) noexcept { shared_.max_connections = limit; }
    /// The workers' loops, for whoever checks that they turn.
    [[nodiscard]] std::vector<io::Executor> executors() const;
    /// Stops accepting, closes idle connections, lets requests in flight be answered for at most `limit`, and ends the
    /// workers. Returns false when something was still in flight then.
    bool stop(std::chrono::milliseconds limit);

private:
    Server(const Options& options, secrets::SecretService& service, const TokenSource& token, const Clock& clock);
    Result<void> bind();

    Shared shared_;
    std::uint16_t port_ = 0;
};

}  // namespace sma::server
