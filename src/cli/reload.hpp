// SPDX-License-Identifier: Apache-2.0
// What a changed configuration means for a running agent.
#pragma once

#include "config/config.hpp"

#include <string>
#include <vector>

namespace sma::cli {

/// Names of the settings that differ and only take effect after a restart.
[[nodiscard]] std::vector<std::string> settings_that_need_a_restart(const config::Config& old_config,
                                                                    const config::Config& new_config);

}  // namespace sma::cli
