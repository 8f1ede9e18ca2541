// SPDX-License-Identifier: Apache-2.0
// The cached entries: found by any of their keys, evicted when least recently used.
//
// Any thread may find(); all other calls come from one thread, the writer. Each shard's lock guards its part of the key
// map for the time of one look-up. An entry is reachable under every id by which it is known, once for each selection
// (version, stage); it counts once towards the capacity.
#pragma once

#include "cache/entry.hpp"

#include <array>
#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace sma::cache {

class Store {
public:
    explicit Store(std::size_t capacity) : capacity_(capacity) {}

    /// The entry's state, or null. Counts as a use at `now`.
    [[nodiscard]] SnapshotPtr find(const KeyView& key, SteadyTime now) const;

    /// The state without counting as a use.
    [[nodiscard]] SnapshotPtr peek(const KeyView& key) const;

    /// Stores a fresh value under `asked`, its identity and `aliases` (other ids that mean it now); may evict another
    /// entry.
    void put(const Key& asked, ValuePtr value, const std::vector<std::string>& aliases, SteadyTime now);

    /// Replaces the state of an entry that the store still holds; otherwise does nothing.
    void update(const Snapshot& snapshot);

    void erase(std::shared_ptr<Entry> entry);

    /// Evicts down to the new capacity.
    void set_capacity(std::size_t capacity);

    /// Entries held.
    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

private:
    static constexpr std::size_t kShards = 16;
    using Map = std::unordered_map<Key, SnapshotPtr, KeyHash, KeyEqual>;
    struct Shard {
        mutable std::mutex mutex;
        Map map;
    };

    [[nodiscard]] Shard& shard_of(std::size_t hash) const noexcept;
    void assign(Key key, const SnapshotPtr& snapshot);
    void bind(const std::shared_ptr<Entry>& entry, const std::string& id);
    void evict();

    std::size_t capacity_;
    mutable std::array<Shard, kShards> shards_;
    std::vector<std::shared_ptr<Entry>> entries_;  // the writer's own, in no order
};

}  // namespace sma::cache
