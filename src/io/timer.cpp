// SPDX-License-Identifier: Apache-2.0
#include "io/timer.hpp"

#include <boost/asio/this_coro.hpp>

namespace sma::io {

Task<void> sleep_for(std::chrono::nanoseconds duration) {
    Timer timer(co_await asio::this_coro::executor, std::chrono::duration_cast<Timer::duration>(duration));
    co_await timer.async_wait(await_tuple);
}

Deadline::Deadline(Executor executor, std::chrono::nanoseconds duration, std::function<void()> on_expiry)
    : state_(std::make_shared<State>(
          State{Timer(executor, std::chrono::duration_cast<Timer::duration>(duration)), std::move(on_expiry)})) {
    state_->timer.async_wait([state = state_](boost::system::error_code error) {
        if (error || state->over) return;
        state->expired = true;
        state->on_expiry();
    });
}

Deadline::~Deadline() {
    state_->over = true;
    state_->timer.cancel();
}

}  // namespace sma::io
