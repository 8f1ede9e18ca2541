// SPDX-License-Identifier: Apache-2.0
// A cache that loads what it lacks: time to live, single flight, stale-if-error. Knows nothing of HTTP or AWS.
//
// hit() is a plain function that any thread may call; fetch() is a coroutine of the caller's own loop. Loading and all
// writing happens on one loop, the upstream one, so flights need no lock.
//
// Single flight: callers that miss the same key join the flight that is under way. A caller who must see the source's
// state as of now (Freshness::Now, or a cache that keeps nothing) never joins a flight that has already left: it waits
// for the next one, which all such callers share.
#pragma once

#include "base/clock.hpp"
#include "cache/loader.hpp"
#include "cache/store.hpp"
#include "io/handoff.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

namespace sma::cache {

struct Options {
    std::chrono::seconds ttl{300};                           ///< 0: nothing is served from memory
    std::size_t capacity = 1000;                             ///< entries; 0: nothing is served from memory
    bool stale_if_error = true;                              ///< serve the last value while the source is in trouble
    std::chrono::seconds max_stale{std::chrono::hours(24)};  ///< ... for at most so long beyond the TTL
    std::string default_stage{};  ///< what a key with neither version nor stage means; fixed for life
};

/// How an answer came about.
enum class Source : std::uint8_t {
    Hit,          ///< from memory, within its TTL
    Miss,         ///< loaded now
    Revalidated,  ///< from memory, confirmed by the source now
    Refreshed,    ///< loaded now because the caller insisted
    Stale,        ///< from memory, beyond its TTL, because the source is in trouble
};

struct Served {
    ValuePtr value;
    std::chrono::seconds age{0};  ///< since the source last confirmed the value
    Source source = Source::Hit;
};

enum class Freshness : std::uint8_t { Cached, Now };

class Cache {
public:
    /// `loader` and `clock` must outlive the cache; `upstream` is the loop that loads.
    Cache(const Options& options, Loader& loader, io::Executor upstream, const Clock& clock);

    /// The value if memory has it and may serve it. Never waits.
    [[nodiscard]] std::optional<Served> hit(const KeyView& key);

    /// The value, from the source if need be. ErrorKind::Timeout after `limit`; the flight goes on without the caller.
    [[nodiscard]] io::Task<Result<Served>> fetch(Key key, Freshness freshness, std::chrono::nanoseconds limit);

    /// Applies new settings to a running cache. Any thread.
    void configure(const Options& options);

private:
    using Answer = Result<Served>;
    struct Waiter {
        io::Reply<Answer> reply;
        Freshness freshness;
    };
    using Waiters = std::vector<Waiter>;

    /// Flights of one key: one under way, and one that leaves when it has landed.
    struct Lane {
        Waiters aboard;
        Waiters next;
        Key next_key;
    };

    [[nodiscard]] bool keeps() const noexcept { return ttl_.load(std::memory_order_relaxed) > 0 && capacity_ > 0; }
    [[nodiscard]] std::optional<Served> serve(const SnapshotPtr& snapshot, SteadyTime now);
    /// Both spellings of the default stage, named and absent, are one key. (The loader is asked as the caller asked.)
    [[nodiscard]] KeyView normal(KeyView key) const noexcept;
    [[nodiscard]] Key lane_key(const KeyView& asked) const;

    // On the upstream loop.
    void join(const Key& asked, Freshness freshness, io::Reply<Answer> reply);
    void take_off(const Key& lane, const Key& asked, Freshness freshness);
    [[nodiscard]] io::Task<void> fly(Key lane, Key asked, Freshness freshness);
    [[nodiscard]] Answer settle(const Key& asked, const SnapshotPtr& held, const Loaded& loaded);
    [[nodiscard]] Answer settle_failure(const Key& asked, const SnapshotPtr& held, const Failure& failure);
    /// What has taken the place of `held` while a flight was under way, as one under another id may have done; or null.
    [[nodiscard]] SnapshotPtr superseding(const SnapshotPtr& held) const;
    void retry_in_background(const Key& key);

    Loader& loader_;
    io::Executor upstream_;
    const Clock& clock_;
    std::atomic<std::int64_t> ttl_;        // nanoseconds
    std::atomic<std::int64_t> max_stale_;  // nanoseconds
    std::atomic<std::size_t> capacity_;
    std::atomic<bool> stale_if_error_;
    std::string default_stage_;
    Store store_;
    std::unordered_map<Key, Lane, KeyHash, KeyEqual> lanes_;
};

}  // namespace sma::cache
