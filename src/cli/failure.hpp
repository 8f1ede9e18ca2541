// SPDX-License-Identifier: Apache-2.0
// What a person at a terminal sees when a command cannot do what it was asked.
#pragma once

#include "base/error.hpp"

namespace sma::cli {

/// Prints the message and, indented, the hint on standard error. Returns the exit code of a failure: 1.
int report_failure(const Error& error);

}  // namespace sma::cli
