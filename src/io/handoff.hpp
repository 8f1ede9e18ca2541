// SPDX-License-Identifier: Apache-2.0
// Asking another loop a question and awaiting the answer on one's own.
//
//     std::optional<int> n = co_await io::ask<int>(there, [](io::Reply<int> reply) { reply(42); }, 61s);
//
// The asker may give up first (nullopt): a later reply is dropped, the work behind it goes on. A Reply may be called
// from any thread, once; a Reply that is destroyed uncalled leaves the asker waiting until its deadline.
#pragma once

#include "io/timer.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace sma::io {

namespace detail {
template <class T>
struct Waiting {
    explicit Waiting(Executor executor, std::chrono::nanoseconds limit)
        : timer(executor, std::chrono::duration_cast<Timer::duration>(limit)) {}
    Timer timer;
    std::optional<T> answer;
};
}  // namespace detail

template <class T>
class Reply {
public:
    Reply(std::shared_ptr<detail::Waiting<T>> waiting, Executor home) : waiting_(std::move(waiting)), home_(home) {}

    void operator()(T answer) {
        asio::post(home_, [waiting = std::move(waiting_), answer = std::move(answer)]() mutable {
            waiting->answer.emplace(std::move(answer));
            waiting->timer.cancel();
        });
    }

private:
    std::shared_ptr<detail::Waiting<T>> waiting_;
    Executor home_;
};

/// Posts `question` to `there` with the Reply to call, and awaits the answer for at most `limit`. Exceptions must not
/// leave `question`.
template <class T, class Question>
[[nodiscard]] Task<std::optional<T>> ask(Executor there, Question question, std::chrono::nanoseconds limit) {
    const Executor home = co_await asio::this_coro::executor;
    const auto waiting = std::make_shared<detail::Waiting<T>>(home, limit);
    // The reply is posted back to this loop, so it cannot overtake the wait that starts below.
    asio::post(there, [question = std::move(question), reply = Reply<T>(waiting, home)]() mutable {
        question(std::move(reply));
    });
    co_await waiting->timer.async_wait(await_tuple);
    co_return std::move(waiting->answer);
}

}  // namespace sma::io
