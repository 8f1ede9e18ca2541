// SPDX-License-Identifier: Apache-2.0
// How this program names itself to AWS.
#pragma once

#include "aws/environment.hpp"

#include <string>

namespace sma::aws {

/// "aws-secrets-manager-agent/1.2.3 lang/c++ os/linux#x86_64", with exec-env/ (AWS_EXECUTION_ENV) and app/ (`app_id`)
/// where set.
[[nodiscard]] std::string user_agent(const Environment& environment, std::string app_id);

}  // namespace sma::aws
