// SPDX-License-Identifier: Apache-2.0
// A secret without its value: what DescribeSecret and ListSecrets answer. Includes Boost.JSON.
#pragma once

#include "emulator/answer.hpp"
#include "emulator/filters.hpp"

namespace sma::emulator {

/// `stages_key` is what the operation calls the map from version to labels.
[[nodiscard]] json::object description(const Secret& secret, std::string_view stages_key);

/// The filters as one text: a page token is bound to it.
[[nodiscard]] std::string describe(const std::vector<Filter>& filters);

}  // namespace sma::emulator
