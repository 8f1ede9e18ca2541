// SPDX-License-Identifier: Apache-2.0
// Coroutines of one loop that wait for the same thing. Not thread-safe.
#pragma once

#include "io/timer.hpp"

namespace sma::aws {

class Signal {
public:
    explicit Signal(io::Executor executor) : timer_(executor, io::Timer::time_point::max()) {}
    /// Resumes at the next notify_all(). The Signal must outlive the wait.
    [[nodiscard]] io::Task<void> wait() { co_await timer_.async_wait(io::await_tuple); }
    void notify_all() { timer_.cancel(); }

private:
    io::Timer timer_;
};

}  // namespace sma::aws
