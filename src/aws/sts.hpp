// SPDX-License-Identifier: Apache-2.0
// The operations of AWS STS that the agent needs. AWS Query protocol, XML answers. On the upstream loop; errors as in
// secrets_manager.hpp.
#pragma once

#include "base/result.hpp"
#include "io/task.hpp"

#include <string>

namespace sma::aws {

class ServiceClient;

struct CallerIdentity {
    std::string account;
    std::string arn;
    std::string user_id;
};

class Sts {
public:
    explicit Sts(ServiceClient& client) : client_(client) {}
    [[nodiscard]] io::Task<Result<CallerIdentity>> get_caller_identity();

private:
    ServiceClient& client_;
};

}  // namespace sma::aws
