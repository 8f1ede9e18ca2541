// SPDX-License-Identifier: Apache-2.0
// Where a service is: partitions, FIPS and dual-stack names, custom endpoint URLs. Pure functions.
#pragma once

#include "aws/url.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sma::aws {

class Settings;

enum class Service : std::uint8_t { SecretsManager, Ssm, Sts };

struct Endpoint {
    Url url;
    std::string signing_region;
};

enum class StsEndpoints : std::uint8_t { Regional, Legacy };

struct EndpointOptions {
    std::optional<std::string> region;  ///< a valid host label, or a FIPS pseudo region such as "fips-us-east-1"
    bool fips = false;
    bool dual_stack = false;
    StsEndpoints sts = StsEndpoints::Regional;
    std::optional<std::string> custom_url;  ///< wins over names and flags; the region still signs
};

/// "aws", "aws-cn", "aws-us-gov" and so on: the second part of every ARN of the region.
[[nodiscard]] std::string_view partition_name(std::string_view region) noexcept;

/// Reads the flags and the custom URL for `service` (but not the region) from environment and profile.
[[nodiscard]] Result<EndpointOptions> endpoint_options(Service service, const Settings& settings);

/// NoRegion when a region is needed and absent (STS alone has a global endpoint); InvalidInput for a bad custom URL.
[[nodiscard]] Result<Endpoint> resolve_endpoint(Service service, const EndpointOptions& options);

}  // namespace sma::aws
