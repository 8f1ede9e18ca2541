// SPDX-License-Identifier: Apache-2.0
// The operations of AWS Secrets Manager that the agent needs, as coroutines on the upstream loop.
//
// Each call signs, retries (standard mode) and parses. Errors: ErrorKind::Service with the service's own code, text and
// status; Timeout, Connection, Truncated, Closed, BadAnswer for the transport; NoCredentials, NoRegion before any call.
#pragma once

#include "base/result.hpp"
#include "base/secret_bytes.hpp"
#include "io/task.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sma::aws {

class ServiceClient;

/// Members that AWS did not send are absent.
struct SecretValue {
    std::optional<std::string> arn;
    std::optional<std::string> name;
    std::optional<std::string> version_id;
    std::optional<SecretBytes> secret_string;
    std::optional<SecretBytes> secret_binary;  ///< base64 with padding
    std::optional<std::vector<std::string>> version_stages;
    std::optional<double> created_date;  ///< seconds since 1970
};

struct SecretDescription {
    std::optional<std::string> arn;
    std::optional<std::string> name;
    /// Version id to its stages; absent when AWS sent no map.
    std::optional<std::map<std::string, std::vector<std::string>>> version_ids_to_stages;
};

class SecretsManager {
public:
    explicit SecretsManager(ServiceClient& client) : client_(client) {}

    [[nodiscard]] io::Task<Result<SecretValue>> get_secret_value(std::string secret_id,
                                                                 std::optional<std::string> version_id,
                                                                 std::optional<std::string> version_stage);
    [[nodiscard]] io::Task<Result<SecretDescription>> describe_secret(std::string secret_id);

private:
    ServiceClient& client_;
};

}  // namespace sma::aws
