// SPDX-License-Identifier: Apache-2.0
// Starts a coroutine that nobody awaits.
#pragma once

#include "io/task.hpp"

namespace sma::io {

/// Runs `task` on `executor`. An exception that leaves it is a bug: it is logged under `what`, and the process ends.
/// Callable from any thread.
void spawn(Executor executor, const char* what, Task<void> task);

}  // namespace sma::io
