// SPDX-License-Identifier: Apache-2.0
// The commands: each takes its arguments and returns the process's exit code (0, or 1 after saying why on standard
// error).
#pragma once

#include "cli/arguments.hpp"

namespace sma::cli {

[[nodiscard]] int serve(const Arguments& arguments);
[[nodiscard]] int dev(const Arguments& arguments);

}  // namespace sma::cli
