// SPDX-License-Identifier: Apache-2.0
#include "cache/store.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace sma::cache {
namespace {

SteadyTime at(std::int64_t tick) {
    return SteadyTime(std::chrono::nanoseconds(tick));
}

ValuePtr value(std::string identity, std::string body) {
    return std::make_shared<const Value>(
        Value{.identity = std::move(identity), .version = {}, .body = SecretBytes(body)});
}

class StoreTest : public ::testing::Test {
protected:
    [[nodiscard]] std::string read(std::string_view id, std::optional<std::string_view> stage = {}) {
        const SnapshotPtr found = store_.find({.id = id, .version = {}, .stage = stage}, at(++tick_));
        return found ? std::string(found->value->body.reveal()) : "-";
    }
    void write(std::string id, std::string identity, std::string body) {
        store_.put(Key(std::move(id), {}, {}), value(std::move(identity), std::move(body)), {}, at(++tick_));
    }

    std::int64_t tick_ = 0;
    Store store_{3};
};

TEST_F(StoreTest, FindsByTheIdAskedByIdentityAndByAlias) {
    store_.put(Key("partial", {}, {}), value("arn", "v"), {"name"}, at(1));
    EXPECT_EQ(read("partial"), "v");
    EXPECT_EQ(read("arn"), "v");
    EXPECT_EQ(read("name"), "v");
    EXPECT_EQ(read("other"), "-");
    EXPECT_EQ(store_.size(), 1U);
}

TEST_F(StoreTest, SelectionsAreEntriesOfTheirOwn) {
    store_.put(Key("a", {}, "AWSPENDING"), value("arn", "pending"), {}, at(1));
    EXPECT_EQ(read("a"), "-");
    EXPECT_EQ(read("a", "AWSPENDING"), "pending");
    EXPECT_EQ(read("a", ""), "-");  // an empty stage is not an absent one
}

TEST_F(StoreTest, EvictsTheLeastRecentlyUsedNotTheOldest) {
    write("a", "arn-a", "A");
    write("b", "arn-b", "B");
    write("c", "arn-c", "C");
    EXPECT_EQ(read("a"), "A");
    write("d", "arn-d", "D");
    EXPECT_EQ(read("b"), "-");
    EXPECT_EQ(read("arn-b"), "-");
    EXPECT_EQ(read("a"), "A");
    EXPECT_EQ(read("c"), "C");
    EXPECT_EQ(read("d"), "D");
}

TEST_F(StoreTest, PeekingIsNotUsing) {
    write("a", "arn-a", "A");
    write("b", "arn-b", "B");
    write("c", "arn-c", "C");
    EXPECT_TRUE(store_.peek({.id = "a", .version = {}, .stage = {}}));
    write("d", "arn-d", "D");
    EXPECT_EQ(read("a"), "-");
}

TEST_F(StoreTest, AnIdThatMovesToAnotherThingLeavesTheOldOne) {
    write("name", "arn-1", "one");
    write("name", "arn-2", "two");
    EXPECT_EQ(read("name"), "two");
    EXPECT_EQ(read("arn-1"), "one");
    store_.erase(store_.peek({.id = "arn-1", .version = {}, .stage = {}})->entry);
    EXPECT_EQ(read("name"), "two");
}

TEST_F(StoreTest, UpdatesReachEveryName) {
    store_.put(Key("name", {}, {}), value("arn", "old"), {}, at(1));
    Snapshot changed = *store_.peek({.id = "name", .version = {}, .stage = {}});
    changed.value = value("arn", "new");
    store_.update(changed);
    EXPECT_EQ(read("name"), "new");
    EXPECT_EQ(read("arn"), "new");
}

TEST_F(StoreTest, AnUpdateDoesNotRaiseTheDead) {
    write("a", "arn-a", "A");
    const Snapshot held = *store_.peek({.id = "a", .version = {}, .stage = {}});
    store_.erase(held.entry);
    store_.update(held);
    EXPECT_EQ(read("a"), "-");
    EXPECT_EQ(store_.size(), 0U);
}

TEST_F(StoreTest, ShrinkingEvicts) {
    write("a", "arn-a", "A");
    write("b", "arn-b", "B");
    store_.set_capacity(1);
    EXPECT_EQ(read("a"), "-");
    EXPECT_EQ(read("b"), "B");
    store_.set_capacity(0);
    EXPECT_EQ(read("b"), "-");
}

TEST_F(StoreTest, AReaderKeepsWhatItIsSending) {
    write("a", "arn-a", "A");
    const SnapshotPtr sending = store_.peek({.id = "a", .version = {}, .stage = {}});
    store_.set_capacity(0);
    EXPECT_EQ(sending->value->body.reveal(), "A");
}

TEST_F(StoreTest, ManyReadersAndOneWriter) {
    std::atomic<bool> stop = false;
    std::vector<std::jthread> readers;
    for (int i = 0; i < 3; ++i) {
        readers.emplace_back([this, &stop] {
            while (!stop) {
                for (const std::string_view id : {"k0", "k1", "arn-2", "k3"}) {
                    const SnapshotPtr found = store_.find({.id = id, .version = {}, .stage = {}}, at(1));
                    if (found) EXPECT_FALSE(found->value->body.empty());
                }
            }
        });
    }
    for (int i = 0; i < 2000; ++i) {
        const std::string n = std::to_string(i % 5);
        store_.put(Key("k" + n, {}, {}), value("arn-" + n, "body"), {}, at(i));
    }
    stop = true;
    readers.clear();
    EXPECT_EQ(store_.size(), 3U);
}

}  // namespace
}  // namespace sma::cache
