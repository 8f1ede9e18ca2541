// SPDX-License-Identifier: Apache-2.0
// What a cache holds: immutable values, and immutable snapshots of how fresh they are.
#pragma once

#include "base/clock.hpp"
#include "base/secret_bytes.hpp"
#include "cache/key.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace sma::cache {

/// A loaded thing. Immutable, shared by whoever is sending it; wiped when the last of them lets go.
struct Value {
    std::string identity;  ///< the one id that means this thing and no other, for ever
    std::string version;
    SecretBytes body;  ///< ready to be sent
};
using ValuePtr = std::shared_ptr<const Value>;

/// One cached thing, under all of its ids. Shared by its snapshots.
struct Entry {
    Key canonical;  ///< its identity, and the selection it was loaded for
    std::atomic<SteadyTime::rep> last_used{0};
    std::atomic<bool> retrying{false};  ///< a background attempt is under way or on its way
    // The writer's own:
    std::vector<std::string> ids;  ///< under which the store finds it, with the selection of `canonical`
    bool held = false;             ///< the store has not let go of it
};

/// The state of an entry at one moment; replaced as a whole.
struct Snapshot {
    ValuePtr value;
    std::shared_ptr<Entry> entry;
    SteadyTime refreshed;  ///< when the source last confirmed the value
    /// Set while the source is in trouble: the value is served stale, and the source is asked again at this time.
    SteadyTime retry_at{};
    std::chrono::nanoseconds retry_delay{0};
    [[nodiscard]] bool stale() const noexcept { return retry_delay.count() != 0; }
};
using SnapshotPtr = std::shared_ptr<const Snapshot>;

}  // namespace sma::cache
