// SPDX-License-Identifier: Apache-2.0
#include "aws/endpoint.hpp"
#include "aws/region.hpp"
#include "aws/settings.hpp"
#include "aws/test_support.hpp"

#include <gtest/gtest.h>

namespace sma::aws {
namespace {

using testing::fake_environment;
using testing::TempDirectory;
using testing::Variables;

std::string host(Service service, const char* region, bool fips = false, bool dual_stack = false) {
    EndpointOptions options;
    options.region = region;
    options.fips = fips;
    options.dual_stack = dual_stack;
    const auto endpoint = resolve_endpoint(service, options);
    return endpoint ? endpoint->url.host : endpoint.error().describe();
}

struct HostRow {
    Service service;
    const char* region;
    bool fips;
    bool dual_stack;
    const char* host;
};

constexpr Service kSm = Service::SecretsManager;

TEST(EndpointTest, HostNames) {
    for (const HostRow& row : {
             HostRow{kSm, "us-east-1", false, false, "secretsmanager.us-east-1.amazonaws.com"},
             HostRow{kSm, "cn-north-1", false, false, "secretsmanager.cn-north-1.amazonaws.com.cn"},
             HostRow{kSm, "us-gov-west-1", false, false, "secretsmanager.us-gov-west-1.amazonaws.com"},
             HostRow{kSm, "us-iso-east-1", false, false, "secretsmanager.us-iso-east-1.c2s.ic.gov"},
             HostRow{kSm, "us-isob-east-1", false, false, "secretsmanager.us-isob-east-1.sc2s.sgov.gov"},
             HostRow{kSm, "eu-isoe-west-1", false, false, "secretsmanager.eu-isoe-west-1.cloud.adc-e.uk"},
             HostRow{kSm, "us-isof-south-1", false, false, "secretsmanager.us-isof-south-1.csp.hci.ic.gov"},
             HostRow{kSm, "eusc-de-east-1", false, false, "secretsmanager.eusc-de-east-1.amazonaws.eu"},
             HostRow{kSm, "xx-unknown-1", false, false, "secretsmanager.xx-unknown-1.amazonaws.com"},
             HostRow{kSm, "us-east-1", true, false, "secretsmanager-fips.us-east-1.amazonaws.com"},
             HostRow{kSm, "us-east-1", false, true, "secretsmanager.us-east-1.amazonaws.com"},
             HostRow{kSm, "us-east-1", true, true, "secretsmanager-fips.us-east-1.amazonaws.com"},
             HostRow{kSm, "cn-north-1", false, true, "secretsmanager.cn-north-1.amazonaws.com.cn"},
             HostRow{kSm, "cn-north-1", true, true, "secretsmanager-fips.cn-north-1.api.amazonwebservices.com.cn"},
             HostRow{kSm, "eusc-de-east-1", false, true, "secretsmanager.eusc-de-east-1.api.amazonwebservices.eu"},
             HostRow{kSm, "us-gov-west-1", true, false, "secretsmanager-fips.us-gov-west-1.amazonaws.com"},
             HostRow{kSm, "us-east-1-fips", false, false, "secretsmanager-fips.us-east-1.amazonaws.com"},
             HostRow{kSm, "fips-us-east-1", false, false, "secretsmanager-fips.us-east-1.amazonaws.com"},
             HostRow{Service::Ssm, "us-east-1", false, true, "ssm.us-east-1.api.aws"},
             HostRow{Service::Ssm, "us-gov-west-1", true, false, "ssm.us-gov-west-1.amazonaws.com"},
             HostRow{Service::Ssm, "us-gov-west-1", true, true, "ssm-fips.us-gov-west-1.api.aws"},
             HostRow{Service::Sts, "us-gov-west-1", true, false, "sts.us-gov-west-1.amazonaws.com"},
             HostRow{Service::Sts, "us-east-1", true, false, "sts-fips.us-east-1.amazonaws.com"},
             HostRow{Service::Sts, "eu-west-1", false, false, "sts.eu-west-1.amazonaws.com"},
             HostRow{Service::Sts, "eu-west-1", false, true, "sts.eu-west-1.api.aws"},
         }) {
        EXPECT_EQ(host(row.service, row.region, row.fips, row.dual_stack), row.host) << row.region;
    }
}

TEST(EndpointTest, StsHasAGlobalEndpoint) {
    const auto sts = [](std::optional<std::string> region, StsEndpoints mode, bool fips = false) {
        EndpointOptions options;
        options.region = std::move(region);
        options.sts = mode;
        options.fips = fips;
        const Endpoint endpoint = resolve_endpoint(Service::Sts, options).value();
        return endpoint.url.host + " " + endpoint.signing_region;
    };
    EXPECT_EQ(sts(std::nullopt, StsEndpoints::Regional), "sts.amazonaws.com us-east-1");
    EXPECT_EQ(sts("eu-west-1", StsEndpoints::Legacy), "sts.amazonaws.com us-east-1");
    EXPECT_EQ(sts("af-south-1", StsEndpoints::Legacy), "sts.af-south-1.amazonaws.com af-south-1");
    EXPECT_EQ(sts("us-east-1", StsEndpoints::Legacy, true), "sts-fips.us-east-1.amazonaws.com us-east-1");
}

TEST(EndpointTest, ARegionIsNeededAndChecked) {
    EXPECT_EQ(resolve_endpoint(kSm, {}).error().kind(), ErrorKind::NoRegion);
    EndpointOptions custom;
    custom.custom_url = "http://127.0.0.1:1";
    EXPECT_EQ(resolve_endpoint(kSm, custom).error().kind(), ErrorKind::NoRegion);
    for (const char* const region : {"", "-a", "a-", "12345", "us east", "us-east-1.evil.example/", "a@b", "../x"}) {
        EXPECT_FALSE(is_region(region)) << region;
        EndpointOptions options;
        options.region = region;
        EXPECT_FALSE(resolve_endpoint(kSm, options)) << region;
    }
}

TEST(EndpointTest, ACustomUrlTurnsTheFlagsOff) {
    EndpointOptions options;
    options.region = "eu-west-1";
    options.fips = options.dual_stack = true;
    options.custom_url = "http://h:9/base";
    const Endpoint endpoint = resolve_endpoint(kSm, options).value();
    EXPECT_EQ(endpoint.url.text(), "http://h:9/base");
    EXPECT_EQ(endpoint.signing_region, "eu-west-1");
    options.custom_url = "no-scheme";
    EXPECT_EQ(resolve_endpoint(kSm, options).error().kind(), ErrorKind::InvalidInput);
}

class ConfiguredUrlTest : public ::testing::Test {
protected:
    std::string url(Service service, Variables variables) const {
        variables.emplace("AWS_CONFIG_FILE", (directory_.path() / "config").string());
        variables.emplace("AWS_SHARED_CREDENTIALS_FILE", (directory_.path() / "none").string());
        const auto settings = Settings::load(fake_environment(std::move(variables)), MissingProfile::IsError);
        if (!settings) return settings.error().describe();
        const auto options = endpoint_options(service, *settings);
        return options ? options->custom_url.value_or("") : options.error().describe();
    }
    TempDirectory directory_;
};

TEST_F(ConfiguredUrlTest, ComesFromTheEnvironment) {
    EXPECT_EQ(url(kSm, {{"AWS_ENDPOINT_URL", "g"}}), "g");
    EXPECT_EQ(url(kSm, {{"AWS_ENDPOINT_URL", "g"}, {"AWS_ENDPOINT_URL_SECRETS_MANAGER", "s"}}), "s");
    EXPECT_EQ(url(kSm, {{"AWS_ENDPOINT_URL", "g"}, {"AWS_ENDPOINT_URL_SECRETS_MANAGER", ""}}), "g");
    EXPECT_EQ(url(kSm, {{"AWS_ENDPOINT_URL_SECRETSMANAGER", "s"}}), "");
    EXPECT_EQ(url(Service::Sts, {{"AWS_ENDPOINT_URL_SECRETS_MANAGER", "s"}}), "");
}

TEST_F(ConfiguredUrlTest, ComesFromTheProfile) {
    directory_.write("config",
                     "[default]\nservices = mine\nendpoint_url = profile\n"
                     "[services mine]\nSecrets_Manager =\n  endpoint_url = sm\nsts =\n  endpoint_url = sts\n");
    EXPECT_EQ(url(kSm, {}), "sm");
    EXPECT_EQ(url(Service::Sts, {}), "sts");
    EXPECT_EQ(url(Service::Ssm, {}), "profile");
    EXPECT_EQ(url(kSm, {{"AWS_ENDPOINT_URL", "g"}}), "g");
    EXPECT_EQ(url(kSm, {{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "TRUE"}}), "");
    EXPECT_EQ(url(kSm, {{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "1"}}), "sm");
}

TEST_F(ConfiguredUrlTest, AMissingServicesSectionIsAnError) {
    directory_.write("config", "[default]\nservices = gone\n");
    EXPECT_NE(url(kSm, {}).find("[services gone]"), std::string::npos);
}

TEST(RegionTest, OrderOfSources) {
    TempDirectory directory;
    directory.write("config", "[default]\nregion = eu-west-3\n");
    directory.write("credentials", "[default]\nregion = ap-south-1\n");
    const auto region = [&](Variables variables, std::optional<std::string> configured = {}) {
        variables.emplace("AWS_CONFIG_FILE", (directory.path() / "config").string());
        variables.emplace("AWS_SHARED_CREDENTIALS_FILE", (directory.path() / "credentials").string());
        const Settings settings =
            Settings::load(fake_environment(std::move(variables)), MissingProfile::IsError).value();
        const auto choice = choose_region(configured, settings);
        return choice ? choice->name + " by " + choice->source : std::string(to_string(choice.error().kind()));
    };
    EXPECT_EQ(region({{"AWS_REGION", "us-west-1"}}, "us-east-2"), "us-east-2 by configuration");
    EXPECT_EQ(region({{"AWS_REGION", "us-west-1"}, {"AWS_DEFAULT_REGION", "us-west-2"}}), "us-west-1 by AWS_REGION");
    EXPECT_EQ(region({{"AWS_REGION", ""}, {"AWS_DEFAULT_REGION", "us-west-2"}}), "us-west-2 by AWS_DEFAULT_REGION");
    EXPECT_EQ(region({}), "ap-south-1 by profile default");
    EXPECT_EQ(region({{"AWS_REGION", "bad region"}}), "NoRegion");
    directory.write("credentials", "");
    directory.write("config", "");
    EXPECT_EQ(region({}), "NoRegion");
}

}  // namespace
}  // namespace sma::aws
