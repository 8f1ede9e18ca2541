// SPDX-License-Identifier: Apache-2.0
#include "cli/failure.hpp"

#include <cstdio>

namespace sma::cli {

int report_failure(const Error& error) {
    std::fprintf(stderr, "%s\n", error.message().c_str());
    if (!error.hint().empty()) std::fprintf(stderr, "  %s\n", error.hint().c_str());
    return 1;
}

}  // namespace sma::cli
