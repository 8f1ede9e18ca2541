// SPDX-License-Identifier: Apache-2.0
// The environment as a dependency, so that a test need not change the process. The only reader of getenv in this
// module.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace sma::aws {

/// Looks up an environment variable; nullopt when unset. A function, so that tests need not change the process.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

/// The process's own environment.
[[nodiscard]] Environment process_environment();

/// The variable if it is set and not empty.
[[nodiscard]] std::optional<std::string> non_empty(const Environment& environment, std::string_view name);

/// The only spelling of yes that AWS's variables know: "true" in any letter case.
[[nodiscard]] bool is_true(std::string_view text) noexcept;

}  // namespace sma::aws
