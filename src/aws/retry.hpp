// SPDX-License-Identifier: Apache-2.0
// Standard retry mode of the AWS SDKs: what is tried again, how often, after how long.
//
// On the upstream loop. kind -> retry is the one table in retry.cpp.
#pragma once

#include "base/error.hpp"
#include "base/random.hpp"
#include "io/timer.hpp"

#include <chrono>
#include <functional>

namespace sma::aws {

enum class RetryClass : std::uint8_t {
    Never,
    Transient,   ///< a broken connection, a 5xx, a code that says "later"
    Timeout,     ///< costs more of the quota
    Throttling,  ///< the service says that we ask too much
};

/// Whether asking again may help. `error` has the service's code even if it lacks a message.
[[nodiscard]] RetryClass classify(const Error& error) noexcept;

/// True for the codes by which AWS says that the signature's time is off (or may be).
[[nodiscard]] bool may_be_clock_skew(const Error& error) noexcept;

/// True for the codes that say that the credentials are no longer good.
[[nodiscard]] bool are_credentials_refused(const Error& error) noexcept;

struct RetryOptions {
    int max_attempts = 3;                              ///< the first try included
    std::function<double()> random = random_fraction;  ///< uniform in [0, 1)
    std::function<io::Task<void>(std::chrono::nanoseconds)> sleep = io::sleep_for;
};

/// Wait before retry `n` (1 is the first): random * min(2^(n-1), 20) seconds.
[[nodiscard]] std::chrono::nanoseconds retry_delay(int n, double random) noexcept;

/// Keeps a client from multiplying the load on a service that is down: each retry costs tokens, success gives some
/// back.
class RetryQuota {
public:
    static constexpr int kCapacity = 500;

    /// The cost of a retry of this class, taken; or 0 when there are too few tokens left, and no retry is due.
    [[nodiscard]] int take(RetryClass retry) noexcept;
    /// A call succeeded. `last_cost`: what take() gave for its last retry, 0 if there was none.
    void on_success(int last_cost) noexcept;
    [[nodiscard]] int tokens() const noexcept { return tokens_; }

private:
    int tokens_ = kCapacity;
};

}  // namespace sma::aws
