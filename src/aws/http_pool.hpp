// SPDX-License-Identifier: Apache-2.0
// Idle keep-alive connections, newest first. On the upstream loop.
#pragma once

#include "aws/http_connection.hpp"
#include "io/timer.hpp"

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <string>

namespace sma::aws {

class HttpPool {
public:
    HttpPool(io::Executor executor, std::chrono::nanoseconds idle_limit, std::size_t per_key);
    ~HttpPool();

    /// A connection that looks alive, or nullptr. `key` says what a connection is good for.
    [[nodiscard]] std::unique_ptr<HttpConnection> take(const std::string& key);
    void put(const std::string& key, std::unique_ptr<HttpConnection> connection);
    void clear();

private:
    struct Idle {
        std::unique_ptr<HttpConnection> connection;
        io::Timer::time_point since;
    };
    struct State;
    static void sweep(const std::shared_ptr<State>& state);
    std::shared_ptr<State> state_;
};

}  // namespace sma::aws
