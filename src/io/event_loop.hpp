// SPDX-License-Identifier: Apache-2.0
// One thread with an io_context of its own.
//
// post()-ing to executor() is thread-safe; everything else that touches the loop's objects runs on its thread.
#pragma once

#include "io/task.hpp"

#include <boost/asio/executor_work_guard.hpp>

#include <chrono>
#include <future>
#include <optional>
#include <string>
#include <thread>

namespace sma::io {

class EventLoop {
public:
    /// `name` shows in top and gdb (at most 15 characters).
    explicit EventLoop(std::string name);
    /// Stops and joins.
    ~EventLoop();
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    [[nodiscard]] Executor executor() noexcept { return context_.get_executor(); }
    [[nodiscard]] asio::io_context& context() noexcept { return context_; }

    /// Runs the loop on a thread of its own, signals blocked.
    void start();
    /// Lets the loop end when nothing is left to do, and joins its thread. False when it has not ended within `limit`.
    [[nodiscard]] bool drain(std::chrono::milliseconds limit);
    /// Ends the loop at once, whatever is in flight, and joins its thread.
    void stop();

private:
    std::string name_;
    asio::io_context context_{1};  // 1: one thread runs it
    std::optional<asio::executor_work_guard<Executor>> work_;
    std::thread thread_;
    std::future<void> ended_;
};

}  // namespace sma::io
