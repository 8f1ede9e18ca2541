// SPDX-License-Identifier: Apache-2.0
// Which secrets ListSecrets and BatchGetSecretValue select. Pure functions.
#pragma once

#include "emulator/members.hpp"
#include "emulator/store.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sma::emulator {

struct Filter {
    std::string key;
    std::vector<std::string> values;
};

/// The member Filters.
[[nodiscard]] std::vector<Filter> read_filters(Members& members);

/// All filters must match; of a filter's values one is enough. A value that begins with '!' matches what the rest of it
/// does not.
[[nodiscard]] bool matches(const Secret& secret, std::string_view region, const std::vector<Filter>& filters);

}  // namespace sma::emulator
