// SPDX-License-Identifier: Apache-2.0
// Coroutine shapes that GCC 12.2 miscompiles: corrupt frames, arguments destroyed twice.
//
// The code base writes them freely because its compiler gets them right; this is where that is checked. Every test
// counts the constructions and destructions of what a coroutine statement carries: equal numbers, or the compiler is
// unfit.
#include "io/spawn.hpp"
#include "io/task.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include <exception>
#include <expected>
#include <string>
#include <utility>
#include <vector>

namespace sma::io {
namespace {

constexpr asio::use_awaitable_t<Executor> await{};

/// Owns heap memory and counts its own lives: a value destroyed twice shows in the count, and as a double free.
class Counted {
public:
    explicit Counted(std::string text) : text_(std::move(text)) { ++alive; }
    Counted(const Counted& other) : text_(other.text_) { ++alive; }
    Counted(Counted&& other) noexcept : text_(std::move(other.text_)) { ++alive; }
    Counted& operator=(const Counted&) = default;
    Counted& operator=(Counted&&) noexcept = default;
    ~Counted() { --alive; }
    [[nodiscard]] const std::string& text() const noexcept { return text_; }

    static inline int alive = 0;

private:
    std::string text_;
};

const char* const kLong = "long enough to live on the heap, whatever the library";

struct Options {
    Counted first{kLong};
    int second = 7;
};

Task<bool> yes() {
    co_await asio::post(co_await asio::this_coro::executor, await);
    co_return true;
}
Task<int> number(int value) {
    co_await asio::post(co_await asio::this_coro::executor, await);
    co_return value;
}
Task<Counted> make(std::string text) {
    co_await asio::post(co_await asio::this_coro::executor, await);
    co_return Counted(std::move(text));
}
Task<std::string> take(Options options = {}) {
    co_await asio::post(co_await asio::this_coro::executor, await);
    co_return options.first.text() + std::to_string(options.second);
}
Task<std::size_t> take_list(std::vector<std::string> list) {
    co_await asio::post(co_await asio::this_coro::executor, await);
    co_return list.size();
}
template <class Function>
Task<std::string> call(Function function) {
    co_await asio::post(co_await asio::this_coro::executor, await);
    co_return function();
}

class Toolchain : public ::testing::Test {
protected:
    void SetUp() override { Counted::alive = 0; }
    void TearDown() override { EXPECT_EQ(Counted::alive, 0) << "destroyed a different number of times than made"; }

    /// Runs a coroutine to its end on a loop of its own and returns what it returned.
    template <class T>
    static T run(Task<T> task) {
        asio::io_context loop;
        T result{};
        bool finished = false;
        asio::co_spawn(loop, std::move(task), [&](std::exception_ptr failure, T value) {
            ASSERT_FALSE(failure);
            result = std::move(value);
            finished = true;
        });
        loop.run();
        EXPECT_TRUE(finished);
        return result;
    }
};

Task<int> await_in_if() {
    if (co_await yes()) co_return 1;
    co_return 0;
}
Task<int> await_in_while() {
    while (co_await number(0) != 0) {
    }
    co_return 1;
}
Task<int> await_in_do() {
    do {
    } while (co_await number(0) != 0);
    co_return 1;
}
Task<int> await_in_switch() {
    switch (co_await number(3)) {
    case 3:
        co_return 1;
    default:
        co_return 0;
    }
}
TEST_F(Toolchain, AwaitInAConditionOfABodyWithoutLocals) {
    EXPECT_EQ(run(await_in_if()), 1);
    EXPECT_EQ(run(await_in_while()), 1);
    EXPECT_EQ(run(await_in_do()), 1);
    EXPECT_EQ(run(await_in_switch()), 1);
}

Task<std::string> aggregate_temporary() {
    co_return co_await take(Options{Counted(kLong), 1});
}
Task<std::string> designated_initialisers() {
    co_return co_await take({.first = Counted(kLong), .second = 2});
}
Task<std::string> defaulted_aggregate() {
    co_return co_await take();
}
Task<std::string> aggregate_from_await() {
    Options options{co_await make(kLong), co_await number(4)};
    co_return co_await take(std::move(options));
}
TEST_F(Toolchain, AggregateTemporaries) {
    EXPECT_EQ(run(aggregate_temporary()), std::string(kLong) + "1");
    EXPECT_EQ(run(designated_initialisers()), std::string(kLong) + "2");
    EXPECT_EQ(run(defaulted_aggregate()), std::string(kLong) + "7");
    EXPECT_EQ(run(aggregate_from_await()), std::string(kLong) + "4");
}

Task<std::string> closure_temporary() {
    const Counted owned(kLong);
    co_return co_await call([owned] { return owned.text(); });
}
TEST_F(Toolchain, ClosureTemporaryThatOwnsItsCapture) {
    EXPECT_EQ(run(closure_temporary()), kLong);
}

TEST_F(Toolchain, ClosureTemporaryThatIsSpawned) {
    asio::io_context loop;
    std::string seen;
    // The closure lives in the frame that co_spawn makes, so its captures outlive its coroutine.
    asio::co_spawn(
        loop,
        [owned = Counted(kLong),
         &seen]() -> Task<void> {  // NOLINT(cppcoreguidelines-avoid-capturing-lambda-coroutines)
            const bool again = co_await yes();
            if (again) seen = owned.text();
        },
        [](std::exception_ptr failure) { EXPECT_FALSE(failure); });
    loop.run();
    EXPECT_EQ(seen, kLong);
}

Task<std::string> conditional(bool first) {
    const Counted chosen = first ? co_await make("first " + std::string(kLong)) : Counted("second");
    co_return chosen.text();
}
TEST_F(Toolchain, AwaitInAConditionalOperator) {
    EXPECT_EQ(run(conditional(true)), "first " + std::string(kLong));
    EXPECT_EQ(run(conditional(false)), "second");
}

Task<std::size_t> braced_list() {
    co_return co_await take_list({"a", kLong, "c"});
}
TEST_F(Toolchain, BracedListAsAnArgument) {
    EXPECT_EQ(run(braced_list()), 3U);
}

Task<std::expected<Counted, Counted>> checked(bool good) {
    if (good) co_return co_await make(kLong);
    co_return std::unexpected(co_await make("bad"));
}
Task<std::string> expected_in_if(bool good) {
    if (auto result = co_await checked(good); result) {
        co_return result->text();
    } else {
        co_return result.error().text();
    }
}
TEST_F(Toolchain, ExpectedNamedInAnIf) {
    EXPECT_EQ(run(expected_in_if(true)), kLong);
    EXPECT_EQ(run(expected_in_if(false)), "bad");
}

Task<std::string> several_awaits() {
    const auto join = [](const Counted& a, const Counted& b) { return a.text() + b.text(); };
    co_return join(co_await make("a"), co_await make(kLong));
}
TEST_F(Toolchain, SeveralAwaitsAsArguments) {
    EXPECT_EQ(run(several_awaits()), "a" + std::string(kLong));
}

Task<std::string> loop_with_locals() {
    std::string all;
    for (int i = 0; i < co_await number(3); ++i) {
        const Counted part = co_await make(std::to_string(i));
        all += part.text();
    }
    co_return all;
}
TEST_F(Toolchain, AwaitInALoopWithLocals) {
    EXPECT_EQ(run(loop_with_locals()), "012");
}

}  // namespace
}  // namespace sma::io
