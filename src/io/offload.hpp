// SPDX-License-Identifier: Apache-2.0
// Blocking work (files, look-ups, children) on a thread that may block, awaited from a loop that may not.
#pragma once

#include "io/handoff.hpp"

#include <boost/asio/thread_pool.hpp>

namespace sma::io {

class Offload {
public:
    explicit Offload(std::size_t threads = 1) : pool_(threads) {}
    ~Offload() { pool_.join(); }
    Offload(const Offload&) = delete;
    Offload& operator=(const Offload&) = delete;

    /// Runs `work()` (must not throw) on the pool and resumes with what it returned.
    template <class T, class Work>
    [[nodiscard]] Task<T> run(Work work) {
        const Executor home = co_await asio::this_coro::executor;
        const auto waiting = std::make_shared<detail::Waiting<T>>(home, std::chrono::hours(1));
        asio::post(pool_, [work = std::move(work), reply = Reply<T>(waiting, home)]() mutable { reply(work()); });
        co_await waiting->timer.async_wait(await_tuple);
        if (!waiting->answer) std::terminate();  // an hour in one blocking call: nothing sound is left to do
        co_return std::move(*waiting->answer);
    }

private:
    asio::thread_pool pool_;
};

}  // namespace sma::io
