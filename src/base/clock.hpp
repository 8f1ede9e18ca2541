// SPDX-License-Identifier: Apache-2.0
// Time as a dependency: code that reads the time is handed a Clock, so that a test can turn it.
//
// Thread-safe. The steady clock counts the time a machine was suspended (CLOCK_BOOTTIME), so that a cached secret
// ages while a laptop sleeps or a Lambda sandbox is frozen.
#pragma once

#include <chrono>

namespace sma {

/// Points on the monotonic, suspend-aware clock. Not std::chrono::steady_clock, which stands still during suspend.
struct BootClock {
    using duration = std::chrono::nanoseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<BootClock>;
    static constexpr bool is_steady = true;
};

using SteadyTime = BootClock::time_point;
using WallTime = std::chrono::system_clock::time_point;

class Clock {
public:
    virtual ~Clock() = default;
    /// Monotonic, for ages and deadlines.
    [[nodiscard]] virtual SteadyTime steady_now() const = 0;
    /// Wall time, for signatures, expiry dates given by others, and logs.
    [[nodiscard]] virtual WallTime wall_now() const = 0;

    /// The machine's clocks.
    [[nodiscard]] static const Clock& system();
};

}  // namespace sma
