// SPDX-License-Identifier: Apache-2.0
#include "io/event_loop.hpp"
#include "io/handoff.hpp"
#include "io/offload.hpp"
#include "io/spawn.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include <csignal>
#include <stdexcept>

namespace sma::io {
namespace {

using namespace std::chrono_literals;

template <class T>
T run_on(EventLoop& loop, Task<T> task) {
    return asio::co_spawn(loop.executor(), std::move(task), asio::use_future).get();
}

TEST(HandoffTest, AnswersOnTheAskersOwnThread) {
    EventLoop here("here");
    EventLoop there("there");
    here.start();
    there.start();
    const auto body = [](Executor other) -> Task<std::pair<bool, int>> {
        const auto before = std::this_thread::get_id();
        const auto answer = co_await ask<int>(other, [](Reply<int> reply) { reply(42); }, 10s);
        co_return std::pair(std::this_thread::get_id() == before, answer.value_or(-1));
    };
    EXPECT_EQ(run_on(here, body(there.executor())), std::pair(true, 42));
}

TEST(HandoffTest, GivesUpWithoutCancellingTheWork) {
    EventLoop here("here");
    EventLoop there("there");
    here.start();
    there.start();
    std::optional<Reply<int>> kept;
    const auto body = [](Executor other, std::optional<Reply<int>>* slot) -> Task<bool> {
        const auto answer =
            co_await ask<int>(other, [slot](Reply<int> reply) { slot->emplace(std::move(reply)); }, 10ms);
        co_return answer.has_value();
    };
    EXPECT_FALSE(run_on(here, body(there.executor(), &kept)));
    there.stop();  // joins its thread, which wrote `kept`
    ASSERT_TRUE(kept);
    (*kept)(1);  // late: dropped, not a crash
}

TEST(OffloadTest, RunsElsewhereAndComesBack) {
    EventLoop here("here");
    here.start();
    Offload offload;
    const auto body = [](Offload& pool) -> Task<bool> {
        const auto mine = std::this_thread::get_id();
        const auto theirs = co_await pool.run<std::thread::id>([] { return std::this_thread::get_id(); });
        co_return mine != theirs&& mine == std::this_thread::get_id();
    };
    EXPECT_TRUE(run_on(here, body(offload)));
}

TEST(DeadlineTest, FiresOnceUnlessItEndsFirst) {
    EventLoop loop("loop");
    loop.start();
    const auto body = []() -> Task<std::pair<int, int>> {
        const Executor executor = co_await asio::this_coro::executor;
        int fired = 0;
        int never = 0;
        const Deadline soon(executor, 1ms, [&fired] { ++fired; });
        {
            const Deadline dropped(executor, 1ms, [&never] { ++never; });
        }
        while (!soon.expired())
            co_await sleep_for(1ms);
        co_await sleep_for(5ms);
        co_return std::pair(fired, never);
    };
    EXPECT_EQ(run_on(loop, body()), std::pair(1, 0));
}

TEST(EventLoopTest, ThreadsLeaveSignalsToTheMainThread) {
    EventLoop loop("signals");
    loop.start();
    const auto body = []() -> Task<bool> {
        sigset_t mask;
        ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
        co_return sigismember(&mask, SIGTERM) == 1 && sigismember(&mask, SIGHUP) == 1;
    };
    EXPECT_TRUE(run_on(loop, body()));
}

TEST(EventLoopTest, DrainsWhatIsLeftWithinItsLimit) {
    EventLoop loop("drain");
    loop.start();
    spawn(loop.executor(), "short", sleep_for(20ms));
    EXPECT_TRUE(loop.drain(10s));

    EventLoop busy("busy");
    busy.start();
    spawn(busy.executor(), "long", sleep_for(1h));
    EXPECT_FALSE(busy.drain(20ms));
    busy.stop();
}

using SpawnDeathTest = ::testing::Test;

TEST(SpawnDeathTest, AStrayExceptionEndsTheProcess) {
    const auto die = [] {
        asio::io_context context;
        const auto body = []() -> Task<void> {
            throw std::logic_error("a bug");
            co_return;
        };
        spawn(context.get_executor(), "test coroutine", body());
        context.run();
    };
    EXPECT_DEATH(die(), "fatal: test coroutine: a bug");
}

}  // namespace
}  // namespace sma::io
