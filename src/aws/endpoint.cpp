// SPDX-License-Identifier: Apache-2.0
#include "aws/endpoint.hpp"

#include "aws/region.hpp"
#include "aws/settings.hpp"
#include "base/ascii.hpp"

#include <algorithm>
#include <array>

namespace sma::aws {
namespace {

struct Partition {
    std::string_view name;
    std::string_view region_prefixes;  ///< each ending in '-', separated by blanks
    std::string_view suffix;
    std::string_view dual_stack_suffix;
    /// Secrets Manager's dual-stack suffix where it is not the partition's: plain, and with FIPS.
    std::string_view secrets_manager_dual_stack;
    std::string_view secrets_manager_fips_dual_stack;
};

// The first is also the fallback. Regions are PREFIX-\w+-\d+.
constexpr std::array<Partition, 8> kPartitions{{
    {"aws", "us- eu- ap- sa- ca- me- af- il- mx-", "amazonaws.com", "api.aws", "amazonaws.com", "amazonaws.com"},
    {"aws-cn", "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn", "amazonaws.com.cn", {}},
    {"aws-eusc", "eusc-de-", "amazonaws.eu", "api.amazonwebservices.eu", {}, {}},
    {"aws-iso", "us-iso-", "c2s.ic.gov", "api.aws.ic.gov", {}, {}},
    {"aws-iso-b", "us-isob-", "sc2s.sgov.gov", "api.aws.scloud", {}, {}},
    {"aws-iso-e", "eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", {}, {}},
    {"aws-iso-f", "us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov", {}, {}},
    {"aws-us-gov", "us-gov-", "amazonaws.com", "api.aws", "amazonaws.com", "amazonaws.com"},
}};

// Where AWS_STS_REGIONAL_ENDPOINTS=legacy means the global endpoint.
constexpr std::array<std::string_view, 16> kLegacyStsRegions{
    "ap-northeast-1", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "aws-global", "ca-central-1",
    "eu-central-1",   "eu-north-1", "eu-west-1",      "eu-west-2",      "eu-west-3",  "sa-east-1",
    "us-east-1",      "us-east-2",  "us-west-1",      "us-west-2"};

// What follows a partition's prefix: \w+-\d+ and no more.
bool is_region_rest(std::string_view rest) {
    const std::size_t dash = rest.find('-');
    if (dash == 0 || dash == std::string_view::npos || dash + 1 == rest.size()) return false;
    const auto word = [](char c) { return ascii::is_alnum(c) || c == '_'; };
    return std::ranges::all_of(rest.substr(0, dash), word) &&
           std::ranges::all_of(rest.substr(dash + 1), ascii::is_digit);
}

const Partition& partition_of(std::string_view region) {
    for (const Partition& partition : kPartitions) {
        std::string_view prefixes = partition.region_prefixes;
        while (!prefixes.empty()) {
            const std::string_view prefix = prefixes.substr(0, prefixes.find(' '));
            prefixes.remove_prefix(std::min(prefix.size() + 1, prefixes.size()));
            if (region.starts_with(prefix) && is_region_rest(region.substr(prefix.size()))) return partition;
        }
    }
    return kPartitions.front();
}

constexpr std::string_view host_label(Service service) {
    switch (service) {
    case Service::SecretsManager:
        return "secretsmanager";
    case Service::Ssm:
        return "ssm";
    case Service::Sts:
        return "sts";
    }
    return {};
}

std::string host_name(Service service, const std::string& region, bool fips, bool dual_stack) {
    const Partition& partition = partition_of(region);
    std::string_view suffix = dual_stack ? partition.dual_stack_suffix : partition.suffix;
    if (dual_stack && service == Service::SecretsManager) {
        const std::string_view own =
            fips ? partition.secrets_manager_fips_dual_stack : partition.secrets_manager_dual_stack;
        if (!own.empty()) suffix = own;
    }
    // In GovCloud the plain names of STS and SSM are FIPS endpoints already.
    const bool plain_is_fips = partition.name == "aws-us-gov" && service != Service::SecretsManager && !dual_stack;
    std::string host(host_label(service));
    if (fips && !plain_is_fips) host += "-fips";
    return host.append(".").append(region).append(".").append(suffix);
}

Endpoint endpoint_at(std::string host, std::string signing_region) {
    Endpoint endpoint{Url{}, std::move(signing_region)};
    endpoint.url.host = std::move(host);
    return endpoint;
}

struct SettingNames {
    std::string_view variable;
    std::string_view block;  ///< in [services NAME]
};

constexpr SettingNames names_of(Service service) {
    switch (service) {
    case Service::SecretsManager:
        return {"AWS_ENDPOINT_URL_SECRETS_MANAGER", "secrets_manager"};
    case Service::Ssm:
        return {"AWS_ENDPOINT_URL_SSM", "ssm"};
    case Service::Sts:
        return {"AWS_ENDPOINT_URL_STS", "sts"};
    }
    return {};
}

// The global variable beats the file's entry for the service: botocore's order.
Result<std::optional<std::string>> configured_url(Service service, const Settings& settings) {
    if (is_true(settings.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls").value_or(""))) {
        return std::nullopt;
    }
    const SettingNames names = names_of(service);
    for (const std::string_view variable : {names.variable, std::string_view("AWS_ENDPOINT_URL")}) {
        if (auto url = non_empty(settings.environment(), variable)) return url;
    }
    Result<std::optional<std::string>> block = settings.service_endpoint(names.block);
    if (!block || *block) return block;
    auto url = settings.profile("endpoint_url");
    return url && !url->empty() ? url : std::nullopt;
}

}  // namespace

std::string_view partition_name(std::string_view region) noexcept {
    return partition_of(region).name;
}

Result<EndpointOptions> endpoint_options(Service service, const Settings& settings) {
    EndpointOptions options;
    options.fips = is_true(settings.get("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint").value_or(""));
    options.dual_stack = is_true(settings.get("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint").value_or(""));
    const std::string sts = settings.get("AWS_STS_REGIONAL_ENDPOINTS", "sts_regional_endpoints").value_or("regional");
    if (!ascii::equals_ignoring_case(sts, "regional") && !ascii::equals_ignoring_case(sts, "legacy")) {
        return fail(ErrorKind::InvalidInput,
                    "AWS_STS_REGIONAL_ENDPOINTS (sts_regional_endpoints) must be \"regional\" or \"legacy\"");
    }
    options.sts = ascii::equals_ignoring_case(sts, "legacy") ? StsEndpoints::Legacy : StsEndpoints::Regional;
    Result<std::optional<std::string>> url = configured_url(service, settings);
    if (!url) return fail(std::move(url.error()));
    options.custom_url = std::move(*url);
    return options;
}

Result<Endpoint> resolve_endpoint(Service service, const EndpointOptions& options) {
    bool fips = options.fips;
    std::optional<std::string> region = options.region;
    if (region) fips = strip_fips(*region) || fips;
    if (options.custom_url) {
        Result<Url> url = parse_url(*options.custom_url);
        if (!url) return fail(std::move(url.error()).with_context("endpoint of " + std::string(host_label(service))));
        if (!region && service != Service::Sts) return fail(no_region());
        url->user_info.clear();
        return Endpoint{std::move(*url), region.value_or("us-east-1")};
    }
    if (service == Service::Sts) {
        const bool legacy = options.sts == StsEndpoints::Legacy && !fips && !options.dual_stack && region &&
                            std::ranges::find(kLegacyStsRegions, *region) != kLegacyStsRegions.end();
        if (!region || *region == "aws-global" || legacy) return endpoint_at("sts.amazonaws.com", "us-east-1");
    }
    if (!region) return fail(no_region());
    if (!is_region(*region)) return fail(invalid_region(*region));
    return endpoint_at(host_name(service, *region, fips, options.dual_stack), *region);
}

}  // namespace sma::aws
