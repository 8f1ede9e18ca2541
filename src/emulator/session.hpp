// SPDX-License-Identifier: Apache-2.0
// One connection of the emulator: requests in, answers out, until either side has enough. On one loop.
#pragma once

#include "emulator/service.hpp"
#include "io/task.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <set>

namespace sma::emulator {

using Socket = io::asio::basic_stream_socket<io::asio::ip::tcp, io::Executor>;

/// The service and the connections that use it; shared by all coroutines, so that it outlives each of them.
struct Core {
    Core(const Clock& clock, const std::string& region, const std::string& account) : service(clock, region, account) {}
    Service service;
    std::set<Socket*> connections;
    bool stopped = false;
};

/// Serves `socket` until it closes or is idle for a minute. Expected failures end it quietly.
[[nodiscard]] io::Task<void> serve_connection(std::shared_ptr<Core> core, Socket socket);

}  // namespace sma::emulator
