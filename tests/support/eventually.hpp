// SPDX-License-Identifier: Apache-2.0
// Waiting for what other threads bring about, without guessing how long they take.
#pragma once

#include "base/clock.hpp"

#include <chrono>
#include <thread>

namespace sma::testing {

/// How long a test waits before it fails.
inline constexpr std::chrono::seconds kPatience{20};

/// True as soon as `condition()` is; false when it still is not after kPatience.
template <class Condition>
[[nodiscard]] bool eventually(Condition condition) {
    const SteadyTime until = Clock::system().steady_now() + kPatience;
    while (!condition()) {
        if (Clock::system().steady_now() > until) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
}

}  // namespace sma::testing
