// SPDX-License-Identifier: Apache-2.0
#include "cache/cache.hpp"

#include "base/log.hpp"
#include "io/spawn.hpp"

#include <algorithm>

namespace sma::cache {
namespace {

using std::chrono::nanoseconds;

// While the source is in trouble it is asked again after one second, then two, four, ... up to a minute.
constexpr nanoseconds kFirstRetry = std::chrono::seconds(1);
constexpr nanoseconds kLastRetry = std::chrono::minutes(1);

std::int64_t count_ns(std::chrono::seconds duration) {
    return nanoseconds(duration).count();
}

}  // namespace

Cache::Cache(const Options& options, Loader& loader, io::Executor upstream, const Clock& clock)
    : loader_(loader), upstream_(upstream), clock_(clock), ttl_(count_ns(options.ttl)),
      max_stale_(count_ns(options.max_stale)), capacity_(options.capacity), stale_if_error_(options.stale_if_error),
      default_stage_(options.default_stage), store_(options.capacity) {}

void Cache::configure(const Options& options) {
    ttl_ = count_ns(options.ttl);
    max_stale_ = count_ns(options.max_stale);
    capacity_ = options.capacity;
    stale_if_error_ = options.stale_if_error;
    io::asio::post(upstream_, [this, capacity = options.ttl.count() == 0 ? 0 : options.capacity] {
        store_.set_capacity(capacity);
    });
}

std::optional<Served> Cache::hit(const KeyView& key) {
    if (!keeps()) return std::nullopt;
    const SteadyTime now = clock_.steady_now();
    const SnapshotPtr found = store_.find(normal(key), now);
    return found ? serve(found, now) : std::nullopt;
}

std::optional<Served> Cache::serve(const SnapshotPtr& snapshot, SteadyTime now) {
    const nanoseconds age = now - snapshot->refreshed;
    const nanoseconds ttl(ttl_.load(std::memory_order_relaxed));
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(age);
    if (age <= ttl) return Served{snapshot->value, seconds, Source::Hit};
    if (!snapshot->stale() || !stale_if_error_ || age > ttl + nanoseconds(max_stale_)) return std::nullopt;
    if (now >= snapshot->retry_at && !snapshot->entry->retrying.exchange(true)) {
        io::asio::post(upstream_, [this, key = snapshot->entry->canonical] { retry_in_background(key); });
    }
    return Served{snapshot->value, seconds, Source::Stale};
}

io::Task<Result<Served>> Cache::fetch(Key key, Freshness freshness, nanoseconds limit) {
    const std::string id = key.id;
    auto question = [this, key = std::move(key), freshness](io::Reply<Answer> reply) {
        join(key, freshness, std::move(reply));
    };
    std::optional<Answer> answer = co_await io::ask<Answer>(upstream_, std::move(question), limit);
    if (!answer) {
        log::warn("cache", "No answer within the time limit of a request: {}", id.substr(0, 256));
        co_return fail(ErrorKind::Timeout, "no answer within the request's time limit");
    }
    co_return std::move(*answer);
}

KeyView Cache::normal(KeyView key) const noexcept {
    if (!key.version && key.stage == default_stage_) key.stage.reset();
    return key;
}

Key Cache::lane_key(const KeyView& asked) const {
    const SnapshotPtr known = store_.peek(asked);
    return known ? known->entry->canonical : Key(asked);
}

void Cache::join(const Key& asked, Freshness freshness, io::Reply<Answer> reply) {
    // Another flight may have landed since the caller looked.
    if (freshness == Freshness::Cached) {
        if (auto served = hit(asked.view())) return reply(std::move(*served));
    }
    const Key key = lane_key(normal(asked.view()));
    const auto [lane, fresh] = lanes_.try_emplace(key);
    if (fresh) {
        lane->second.aboard.push_back({std::move(reply), freshness});
        return take_off(key, asked, freshness);
    }
    if (freshness == Freshness::Cached && keeps()) {
        return lane->second.aboard.push_back({std::move(reply), freshness});
    }
    if (lane->second.next.empty()) lane->second.next_key = asked;
    lane->second.next.push_back({std::move(reply), freshness});
}

void Cache::take_off(const Key& lane, const Key& asked, Freshness freshness) {
    io::spawn(upstream_, "cache flight", fly(lane, asked, freshness));
}

io::Task<void> Cache::fly(Key lane, Key asked, Freshness freshness) {
    const SnapshotPtr held = keeps() ? store_.peek(normal(asked.view())) : nullptr;
    const bool may_confirm = held && freshness == Freshness::Cached;
    const Loaded loaded = co_await loader_.load(asked, may_confirm ? held->value : nullptr);
    const Answer answer = settle(asked, held, loaded);
    if (held) held->entry->retrying = false;

    Lane landed = std::move(lanes_.at(lane));
    if (landed.next.empty()) {
        lanes_.erase(lane);
    } else {
        lanes_.at(lane) = Lane{.aboard = std::move(landed.next), .next = {}, .next_key = {}};
        take_off(lane, landed.next_key, Freshness::Now);
    }
    const auto* const failure = std::get_if<Failure>(&loaded);
    for (Waiter& waiter : landed.aboard) {
        // Who insisted on the source gets its failure, never an old value.
        if (waiter.freshness == Freshness::Now && failure != nullptr) {
            waiter.reply(fail(failure->error));
            continue;
        }
        Answer own = answer;
        if (own && own->source == Source::Miss && waiter.freshness == Freshness::Now) own->source = Source::Refreshed;
        waiter.reply(std::move(own));
    }
}

Cache::Answer Cache::settle(const Key& asked, const SnapshotPtr& held, const Loaded& loaded) {
    if (const auto* failure = std::get_if<Failure>(&loaded)) return settle_failure(asked, held, *failure);
    const SteadyTime now = clock_.steady_now();
    if (held && held->stale()) log::info("cache", "Source has recovered: {}", asked.id);
    if (std::holds_alternative<Unchanged>(loaded)) {
        if (!held) return fail(ErrorKind::Internal, "unchanged, but nothing was cached");
        if (const SnapshotPtr newer = superseding(held)) {
            return Served{newer->value, std::chrono::duration_cast<std::chrono::seconds>(now - newer->refreshed),
                          Source::Hit};
        }
        store_.update({.value = held->value, .entry = held->entry, .refreshed = now});
        return Served{held->value, std::chrono::seconds(0), Source::Revalidated};
    }
    const Fresh& fresh = std::get<Fresh>(loaded);
    if (keeps()) store_.put(Key(normal(asked.view())), fresh.value, fresh.aliases, now);
    return Served{fresh.value, std::chrono::seconds(0), Source::Miss};
}

Cache::Answer Cache::settle_failure(const Key& asked, const SnapshotPtr& held, const Failure& failure) {
    if (failure.disposition == Disposition::Definite) {
        if (const SnapshotPtr now_held = store_.peek(normal(asked.view()))) store_.erase(now_held->entry);
    }
    if (failure.disposition != Disposition::Transient || !held || !stale_if_error_) return fail(failure.error);

    const SteadyTime now = clock_.steady_now();
    const nanoseconds age = now - held->refreshed;
    const nanoseconds ttl(ttl_);
    if (age > ttl + nanoseconds(max_stale_)) {
        log::error("cache", "Last value is too old to be served stale: {}: {}", asked.id, failure.error.describe());
        return fail(failure.error);
    }
    // A refresh that fails within the TTL leaves the entry as it is.
    if (age > ttl && !superseding(held)) {
        if (!held->stale()) {
            log::warn("cache", "Serving the last value while the source is in trouble: {}: {}", asked.id,
                      failure.error.describe());
        }
        const nanoseconds delay = held->stale() ? std::min(held->retry_delay * 2, kLastRetry) : kFirstRetry;
        store_.update({.value = held->value,
                       .entry = held->entry,
                       .refreshed = held->refreshed,
                       .retry_at = now + delay,
                       .retry_delay = delay});
    }
    return Served{held->value, std::chrono::duration_cast<std::chrono::seconds>(age), Source::Stale};
}

SnapshotPtr Cache::superseding(const SnapshotPtr& held) const {
    SnapshotPtr current = store_.peek(held->entry->canonical.view());
    return current == held ? nullptr : current;
}

void Cache::retry_in_background(const Key& key) {
    const SnapshotPtr held = store_.peek(key.view());
    if (!held) return;
    if (lanes_.try_emplace(held->entry->canonical).second) {
        take_off(held->entry->canonical, key, Freshness::Cached);
    } else {
        held->entry->retrying = false;  // the flight under way will tell
    }
}

}  // namespace sma::cache
