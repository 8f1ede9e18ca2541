// SPDX-License-Identifier: Apache-2.0
// Waiting, and giving up. On one loop; not thread-safe.
#pragma once

#include "io/task.hpp"

#include <boost/asio/basic_waitable_timer.hpp>

#include <chrono>
#include <functional>
#include <memory>

namespace sma::io {

using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

/// Resumes after `duration`.
[[nodiscard]] Task<void> sleep_for(std::chrono::nanoseconds duration);

/// Calls `on_expiry` once on `executor`'s loop if it still lives after `duration`. What it calls must outlive it.
/// The usual `on_expiry` cancels or closes the socket that a coroutine waits on, which then looks at expired().
class Deadline {
public:
    Deadline(Executor executor, std::chrono::nanoseconds duration, std::function<void()> on_expiry);
    ~Deadline();
    Deadline(const Deadline&) = delete;
    Deadline& operator=(const Deadline&) = delete;
    [[nodiscard]] bool expired() const noexcept { return state_->expired; }

private:
    struct State {
        Timer timer;
        std::function<void()> on_expiry;
        bool expired = false;
        bool over = false;
    };
    std::shared_ptr<State> state_;
};

}  // namespace sma::io
