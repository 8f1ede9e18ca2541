// SPDX-License-Identifier: Apache-2.0
// A clock that stands still until a test moves it. Thread-safe.
#pragma once

#include "base/clock.hpp"

#include <atomic>

namespace sma::testing {

class FakeClock final : public Clock {
public:
    [[nodiscard]] SteadyTime steady_now() const override {
        return SteadyTime(std::chrono::hours(1) + std::chrono::nanoseconds(offset_.load()));
    }
    [[nodiscard]] WallTime wall_now() const override {
        return WallTime(std::chrono::seconds(1'440'938'160)) +
               std::chrono::duration_cast<std::chrono::system_clock::duration>(
                   std::chrono::nanoseconds(offset_.load()));
    }
    void advance(std::chrono::nanoseconds by) { offset_ += by.count(); }

private:
    std::atomic<std::int64_t> offset_{0};
};

}  // namespace sma::testing
