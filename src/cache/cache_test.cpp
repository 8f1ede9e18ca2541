// SPDX-License-Identifier: Apache-2.0
#include "cache/cache.hpp"
#include "fake_clock.hpp"
#include "io/spawn.hpp"

#include <gtest/gtest.h>

#include <deque>

namespace sma::cache {
namespace {

using namespace std::chrono_literals;
using testing::FakeClock;

Fresh value(std::string body, std::string identity = "arn:a") {
    auto made =
        std::make_shared<const Value>(Value{.identity = std::move(identity), .version = {}, .body = SecretBytes(body)});
    return {std::move(made), {}};
}

Failure failure(Disposition disposition) {
    return {Error(ErrorKind::Timeout, "scripted"), disposition};
}

// Answers from a script; while held, flights wait.
class ScriptedLoader final : public Loader {
public:
    [[nodiscard]] io::Task<Loaded> load(Key key, ValuePtr previous) override {
        calls.push_back(key.id + (previous ? "?" : ""));
        stages.push_back(key.stage.value_or("-"));
        while (held)
            co_await io::sleep_for(1ms);
        if (script.empty()) co_return value("default");
        Loaded next = std::move(script.front());
        script.pop_front();
        co_return next;
    }
    std::deque<Loaded> script;
    std::vector<std::string> calls;   // "id", or "id?" when asked to revalidate
    std::vector<std::string> stages;  // "-" when none was asked for
    bool held = false;
};

class CacheTest : public ::testing::Test {
protected:
    using Answer = std::optional<Result<Served>>;

    void remake(const Options& options) { cache_.emplace(options, loader_, context_.get_executor(), clock_); }

    std::shared_ptr<Answer> start(std::string id, Freshness freshness = Freshness::Cached,
                                  std::chrono::nanoseconds limit = 1h) {
        auto answer = std::make_shared<Answer>();
        const auto body = [](Cache& cache, Key key, Freshness fresh, std::chrono::nanoseconds within,
                             std::shared_ptr<Answer> out) -> io::Task<void> {
            out->emplace(co_await cache.fetch(std::move(key), fresh, within));
        };
        io::spawn(context_.get_executor(), "test", body(*cache_, Key(std::move(id), {}, {}), freshness, limit, answer));
        return answer;
    }
    void settle() {
        context_.restart();
        context_.run();
    }
    // What a request sees: "hit:body", "miss:body", "error:kind" ...
    std::string read(std::string id, Freshness freshness = Freshness::Cached) {
        if (freshness == Freshness::Cached) {
            if (const auto served = cache_->hit({.id = id, .version = {}, .stage = {}})) {
                settle();  // a background retry may have been kicked off
                return text(*served);
            }
        }
        const auto answer = start(std::move(id), freshness);
        settle();
        return text(**answer);
    }
    static std::string text(const Result<Served>& answer) {
        if (!answer) return "error:" + std::string(to_string(answer.error().kind()));
        const char* source = "";
        switch (answer->source) {
        case Source::Hit:
            source = "hit:";
            break;
        case Source::Miss:
            source = "miss:";
            break;
        case Source::Revalidated:
            source = "revalidated:";
            break;
        case Source::Refreshed:
            source = "refreshed:";
            break;
        case Source::Stale:
            source = "stale:";
            break;
        }
        return source + std::string(answer->value->body.reveal());
    }

    io::asio::io_context context_{1};
    FakeClock clock_;
    ScriptedLoader loader_;
    std::optional<Cache> cache_;

    void SetUp() override { remake({.ttl = 10s, .capacity = 3, .stale_if_error = true, .max_stale = 100s}); }
};

TEST_F(CacheTest, LoadsOnceAndServesFromMemoryUntilTheTtlHasPassed) {
    loader_.script = {value("one"), value("two")};
    EXPECT_EQ(read("a"), "miss:one");
    clock_.advance(10s);
    EXPECT_EQ(read("a"), "hit:one");
    clock_.advance(1ns);
    EXPECT_EQ(read("a"), "miss:two");
    EXPECT_EQ(loader_.calls, (std::vector<std::string>{"a", "a?"}));
}

TEST_F(CacheTest, ReadingDoesNotRenew) {
    loader_.script = {value("one"), value("two")};
    EXPECT_EQ(read("a"), "miss:one");
    for (int i = 0; i < 3; ++i) {
        clock_.advance(3s);
        EXPECT_EQ(read("a"), "hit:one");
    }
    clock_.advance(3s);
    EXPECT_EQ(read("a"), "miss:two");
}

TEST_F(CacheTest, AnUnchangedValueLivesForAnotherTtl) {
    loader_.script = {value("one"), Unchanged{}};
    EXPECT_EQ(read("a"), "miss:one");
    clock_.advance(11s);
    EXPECT_EQ(read("a"), "revalidated:one");
    clock_.advance(10s);
    EXPECT_EQ(read("a"), "hit:one");
}

TEST_F(CacheTest, AgeCountsFromTheLastConfirmation) {
    EXPECT_EQ(read("a"), "miss:default");
    clock_.advance(7s);
    EXPECT_EQ(cache_->hit({.id = "a", .version = {}, .stage = {}})->age, 7s);
    clock_.advance(4s);
    loader_.script = {Unchanged{}};
    EXPECT_EQ(read("a"), "revalidated:default");
    EXPECT_EQ(cache_->hit({.id = "a", .version = {}, .stage = {}})->age, 0s);
}

TEST_F(CacheTest, NameAndIdentityMeetInOneEntry) {
    loader_.script = {value("one", "arn:x")};
    EXPECT_EQ(read("name"), "miss:one");
    EXPECT_EQ(read("arn:x"), "hit:one");
    EXPECT_EQ(loader_.calls.size(), 1U);
}

TEST_F(CacheTest, BothSpellingsOfTheDefaultStageMeetAndTheLoaderIsAskedAsGiven) {
    remake({.ttl = 10s, .capacity = 3, .default_stage = "CURRENT"});
    const auto body = [](Cache& cache, std::optional<std::string> stage) -> io::Task<void> {
        const Result<Served> answer = co_await cache.fetch(Key("a", {}, std::move(stage)), Freshness::Now, 1h);
        EXPECT_TRUE(answer);
    };
    io::spawn(context_.get_executor(), "test", body(*cache_, "CURRENT"));
    settle();
    EXPECT_EQ(loader_.stages, (std::vector<std::string>{"CURRENT"}));
    EXPECT_EQ(read("a"), "hit:default");
    EXPECT_TRUE(cache_->hit({.id = "a", .version = {}, .stage = "CURRENT"}));
    EXPECT_FALSE(cache_->hit({.id = "a", .version = {}, .stage = "OTHER"}));
}

TEST_F(CacheTest, AnyNumberOfMissesIsOneFlight) {
    loader_.held = true;
    std::vector<std::shared_ptr<Answer>> answers;
    for (int i = 0; i < 1000; ++i)
        answers.push_back(start("a"));
    context_.poll();
    loader_.held = false;
    settle();
    for (const auto& answer : answers)
        EXPECT_EQ(text(**answer), "miss:default");
    EXPECT_EQ(loader_.calls.size(), 1U);
}

TEST_F(CacheTest, AFailedFlightFailsItsWaitersOnceAndIsNotRemembered) {
    loader_.held = true;
    loader_.script = {failure(Disposition::Transient), value("later")};
    const auto first = start("a");
    const auto second = start("a");
    context_.poll();
    loader_.held = false;
    settle();
    EXPECT_EQ(text(**first), "error:Timeout");
    EXPECT_EQ(text(**second), "error:Timeout");
    EXPECT_EQ(read("a"), "miss:later");
    EXPECT_EQ(loader_.calls.size(), 2U);
}

TEST_F(CacheTest, AWaiterThatGivesUpDoesNotCancelTheFlight) {
    loader_.held = true;
    const auto impatient = start("a", Freshness::Cached, 5ms);
    while (!*impatient)
        context_.run_one();
    EXPECT_EQ(text(**impatient), "error:Timeout");
    loader_.held = false;
    settle();
    EXPECT_EQ(read("a"), "hit:default");
}

TEST_F(CacheTest, WhoInsistsOnNowDoesNotJoinAFlightThatHasLeft) {
    loader_.held = true;
    loader_.script = {value("before"), value("after")};
    const auto miss = start("a");
    context_.poll();
    const auto now = start("a", Freshness::Now);
    const auto also_now = start("a", Freshness::Now);
    context_.poll();
    EXPECT_EQ(loader_.calls.size(), 1U);
    loader_.held = false;
    settle();
    EXPECT_EQ(text(**miss), "miss:before");
    EXPECT_EQ(text(**now), "refreshed:after");
    EXPECT_EQ(text(**also_now), "refreshed:after");
    EXPECT_EQ(loader_.calls.size(), 2U);
    EXPECT_EQ(read("a"), "hit:after");
}

TEST_F(CacheTest, RefreshingAlwaysAsksWithoutRevalidatingAndRenewsEveryName) {
    loader_.script = {value("one", "arn:x"), value("two", "arn:x")};
    EXPECT_EQ(read("name"), "miss:one");
    EXPECT_EQ(read("name", Freshness::Now), "refreshed:two");
    EXPECT_EQ(read("arn:x"), "hit:two");
    EXPECT_EQ(loader_.calls, (std::vector<std::string>{"name", "name"}));
}

TEST_F(CacheTest, AFailedRefreshIsAnErrorAndKeepsTheEntryUnlessItIsADefiniteNo) {
    loader_.script = {value("one"), failure(Disposition::Transient), failure(Disposition::Other),
                      failure(Disposition::Definite), value("new")};
    EXPECT_EQ(read("a"), "miss:one");
    EXPECT_EQ(read("a", Freshness::Now), "error:Timeout");
    EXPECT_EQ(read("a"), "hit:one");
    EXPECT_EQ(read("a", Freshness::Now), "error:Timeout");
    EXPECT_EQ(read("a"), "hit:one");
    EXPECT_EQ(read("a", Freshness::Now), "error:Timeout");
    EXPECT_EQ(read("a"), "miss:new");
}

TEST_F(CacheTest, TransientTroubleServesTheLastValueAndRetriesInTheBackground) {
    loader_.script = {value("one"), failure(Disposition::Transient), failure(Disposition::Transient), value("two")};
    EXPECT_EQ(read("a"), "miss:one");
    clock_.advance(11s);
    EXPECT_EQ(read("a"), "stale:one");
    EXPECT_EQ(read("a"), "stale:one");  // no second attempt within the first second
    EXPECT_EQ(loader_.calls.size(), 2U);
    clock_.advance(1s);
    EXPECT_EQ(read("a"), "stale:one");  // answered at once, retried behind its back: fails
    EXPECT_EQ(loader_.calls.size(), 3U);
    clock_.advance(1s);
    EXPECT_EQ(read("a"), "stale:one");  // the delay has doubled
    EXPECT_EQ(loader_.calls.size(), 3U);
    clock_.advance(1s);
    EXPECT_EQ(read("a"), "stale:one");  // retried: succeeds
    EXPECT_EQ(loader_.calls.size(), 4U);
    EXPECT_EQ(read("a"), "hit:two");
}

TEST_F(CacheTest, StalenessIsBounded) {
    loader_.script = {value("one"), failure(Disposition::Transient), failure(Disposition::Transient)};
    EXPECT_EQ(read("a"), "miss:one");
    clock_.advance(11s);
    EXPECT_EQ(read("a"), "stale:one");
    clock_.advance(100s);
    EXPECT_EQ(read("a"), "error:Timeout");
}

TEST_F(CacheTest, AReaderAboardAFailedRefreshGetsTheLastValue) {
    loader_.script = {value("one"), failure(Disposition::Transient)};
    EXPECT_EQ(read("a"), "miss:one");
    clock_.advance(11s);
    loader_.held = true;
    const auto insists = start("a", Freshness::Now);
    context_.poll();
    const auto reader = start("a");
    context_.poll();
    loader_.held = false;
    settle();
    EXPECT_EQ(text(**insists), "error:Timeout");
    EXPECT_EQ(text(**reader), "stale:one");
}

TEST_F(CacheTest, ASlowConfirmationDoesNotUndoANewerValue) {
    loader_.script = {value("old", "arn:x")};
    EXPECT_EQ(read("arn:x"), "miss:old");
    clock_.advance(11s);
    loader_.held = true;
    loader_.script = {value("new", "arn:x"), Unchanged{}};
    const auto by_name = start("name");  // a lane of its own: the name is not known yet
    const auto by_arn = start("arn:x");
    context_.poll();
    loader_.held = false;
    settle();
    EXPECT_EQ(text(**by_name), "miss:new");
    EXPECT_EQ(text(**by_arn), "hit:new");
    EXPECT_EQ(read("arn:x"), "hit:new");
}

TEST_F(CacheTest, WithoutStaleIfErrorTroubleIsAnError) {
    remake({.ttl = 10s, .capacity = 3, .stale_if_error = false, .max_stale = 100s});
    loader_.script = {value("one"), failure(Disposition::Transient)};
    EXPECT_EQ(read("a"), "miss:one");
    clock_.advance(11s);
    EXPECT_EQ(read("a"), "error:Timeout");
}

TEST_F(CacheTest, ADefiniteNoDropsTheEntryUnderEveryName) {
    loader_.script = {value("one", "arn:x"), failure(Disposition::Definite), failure(Disposition::Definite)};
    EXPECT_EQ(read("name"), "miss:one");
    clock_.advance(11s);
    EXPECT_EQ(read("name"), "error:Timeout");
    EXPECT_EQ(read("arn:x"), "error:Timeout");
    EXPECT_EQ(loader_.calls, (std::vector<std::string>{"name", "name?", "arn:x"}));
}

TEST_F(CacheTest, OtherFailuresAreAnsweredAndLeaveTheEntry) {
    loader_.script = {value("one"), failure(Disposition::Other), Unchanged{}};
    EXPECT_EQ(read("a"), "miss:one");
    clock_.advance(11s);
    EXPECT_EQ(read("a"), "error:Timeout");
    EXPECT_EQ(read("a"), "revalidated:one");
}

class KeepsNothingTest : public CacheTest, public ::testing::WithParamInterface<Options> {};

TEST_P(KeepsNothingTest, AsksEachTime) {
    remake(GetParam());
    loader_.script = {value("one"), value("two"), failure(Disposition::Transient)};
    EXPECT_EQ(read("a"), "miss:one");
    EXPECT_EQ(read("a"), "miss:two");
    EXPECT_EQ(read("a"), "error:Timeout");
    EXPECT_EQ(loader_.calls, (std::vector<std::string>{"a", "a", "a"}));
}

TEST_P(KeepsNothingTest, SharesOnlyFlightsThatHaveNotLeft) {
    remake(GetParam());
    loader_.held = true;
    loader_.script = {value("one"), value("two"), value("three")};
    const auto first = start("a");
    context_.poll();
    const auto second = start("a");
    const auto third = start("a");
    context_.poll();
    loader_.held = false;
    settle();
    EXPECT_EQ(text(**first), "miss:one");
    EXPECT_EQ(text(**second), "miss:two");
    EXPECT_EQ(text(**third), "miss:two");
}

INSTANTIATE_TEST_SUITE_P(Settings, KeepsNothingTest,
                         ::testing::Values(Options{.ttl = 0s, .capacity = 3}, Options{.ttl = 10s, .capacity = 0}));

TEST_F(CacheTest, SettingsApplyToARunningCache) {
    EXPECT_EQ(read("a"), "miss:default");
    clock_.advance(5s);
    EXPECT_EQ(read("a"), "hit:default");
    cache_->configure({.ttl = 4s, .capacity = 3});
    settle();
    EXPECT_EQ(read("a"), "miss:default");
    cache_->configure({.ttl = 0s, .capacity = 3});
    settle();
    EXPECT_EQ(read("a"), "miss:default");
    cache_->configure({.ttl = 10s, .capacity = 3});
    settle();
    EXPECT_EQ(read("a"), "miss:default");  // nothing was kept meanwhile
    EXPECT_EQ(read("a"), "hit:default");
}

}  // namespace
}  // namespace sma::cache
