// SPDX-License-Identifier: Apache-2.0
#include "base/clock.hpp"

#include <ctime>

namespace sma {
namespace {

class SystemClock final : public Clock {
public:
    [[nodiscard]] SteadyTime steady_now() const override {
        timespec now{};
        ::clock_gettime(CLOCK_BOOTTIME, &now);
        return SteadyTime(std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec));
    }
    [[nodiscard]] WallTime wall_now() const override { return std::chrono::system_clock::now(); }
};

}  // namespace

const Clock& Clock::system() {
    static const SystemClock clock;
    return clock;
}

}  // namespace sma
