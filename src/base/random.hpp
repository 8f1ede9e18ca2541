// SPDX-License-Identifier: Apache-2.0
// Randomness from the operating system. Thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace sma {

void random_bytes(std::span<std::byte> out) noexcept;

/// Uniform in [0, bound); bound 0 gives 0.
[[nodiscard]] std::uint32_t random_below(std::uint32_t bound) noexcept;

/// Uniform in [0, 1).
[[nodiscard]] double random_fraction() noexcept;

/// A version 4 UUID in lower case.
[[nodiscard]] std::string random_uuid();

}  // namespace sma
