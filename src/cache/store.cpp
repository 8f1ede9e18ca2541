// SPDX-License-Identifier: Apache-2.0
#include "cache/store.hpp"

#include <algorithm>
#include <utility>

namespace sma::cache {

Store::Shard& Store::shard_of(std::size_t hash) const noexcept {
    // The map takes the hash modulo its size for its buckets: take the high bits here.
    return shards_[hash >> 60U];
}

SnapshotPtr Store::find(const KeyView& key, SteadyTime now) const {
    SnapshotPtr found = peek(key);
    if (found) found->entry->last_used.store(now.time_since_epoch().count(), std::memory_order_relaxed);
    return found;
}

SnapshotPtr Store::peek(const KeyView& key) const {
    const HashedKey hashed{key, KeyHash{}(key)};
    const Shard& shard = shard_of(hashed.hash);
    const std::scoped_lock lock(shard.mutex);
    const auto found = shard.map.find(hashed);
    return found == shard.map.end() ? nullptr : found->second;
}

void Store::put(const Key& asked, ValuePtr value, const std::vector<std::string>& aliases, SteadyTime now) {
    const Key canonical = asked.with_id(value->identity);
    const SnapshotPtr before = peek(canonical.view());
    std::shared_ptr<Entry> entry = before ? before->entry : nullptr;
    if (!entry) {
        entry = std::make_shared<Entry>();
        entry->canonical = canonical;
        entry->held = true;
        entries_.push_back(entry);
    }
    entry->last_used.store(now.time_since_epoch().count(), std::memory_order_relaxed);
    bind(entry, value->identity);
    bind(entry, asked.id);
    for (const std::string& alias : aliases)
        bind(entry, alias);
    update({.value = std::move(value), .entry = std::move(entry), .refreshed = now});
    evict();
}

void Store::bind(const std::shared_ptr<Entry>& entry, const std::string& id) {
    if (const SnapshotPtr before = peek(entry->canonical.with_id(id).view()); before && before->entry != entry) {
        // The id moved to another thing, as when a secret was deleted and made anew under the same name.
        std::erase(before->entry->ids, id);
    }
    if (std::ranges::find(entry->ids, id) == entry->ids.end()) entry->ids.push_back(id);
}

void Store::assign(Key key, const SnapshotPtr& snapshot) {
    Shard& shard = shard_of(KeyHash{}(key));
    SnapshotPtr last = snapshot;  // the old one is let go outside the lock: wiping may take a while
    const std::scoped_lock lock(shard.mutex);
    std::swap(shard.map[std::move(key)], last);
}

void Store::update(const Snapshot& snapshot) {
    if (!snapshot.entry->held) return;
    const auto shared = std::make_shared<const Snapshot>(snapshot);
    for (const std::string& id : snapshot.entry->ids)
        assign(snapshot.entry->canonical.with_id(id), shared);
}

void Store::erase(std::shared_ptr<Entry> entry) {
    if (!std::exchange(entry->held, false)) return;
    for (const std::string& id : entry->ids) {
        const Key key = entry->canonical.with_id(id);
        Shard& shard = shard_of(KeyHash{}(key));
        SnapshotPtr last;  // let go outside the lock
        const std::scoped_lock lock(shard.mutex);
        const auto found = shard.map.find(key);
        if (found == shard.map.end() || found->second->entry != entry) continue;
        last = std::move(found->second);
        shard.map.erase(found);
    }
    std::erase(entries_, entry);
}

void Store::set_capacity(std::size_t capacity) {
    capacity_ = capacity;
    evict();
}

void Store::evict() {
    while (entries_.size() > capacity_) {
        // A scan of at most a thousand entries, on a path that has just waited for the network.
        erase(*std::ranges::min_element(entries_, {}, [](const std::shared_ptr<Entry>& entry) {
            return entry->last_used.load(std::memory_order_relaxed);
        }));
    }
}

}  // namespace sma::cache
