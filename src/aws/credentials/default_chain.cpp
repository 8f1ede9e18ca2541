// SPDX-License-Identifier: Apache-2.0
#include "aws/credentials/default_chain.hpp"

#include "aws/credentials/cached.hpp"
#include "aws/credentials/chain.hpp"
#include "aws/credentials/environment.hpp"
#include "aws/credentials/profile_keys.hpp"
#include "aws/credentials/unsupported.hpp"

#include <initializer_list>
#include <utility>
#include <vector>

namespace sma::aws {
namespace {

// "KEY of profile NAME" for the first of `keys` that the profile has.
std::optional<std::string> asked_by_profile(const Settings& settings, std::initializer_list<std::string_view> keys) {
    for (const std::string_view key : keys) {
        if (settings.profile(key)) return std::string(key) + " of profile " + settings.profile_name();
    }
    return std::nullopt;
}

std::optional<std::string> asks_for_role(const Settings& settings) {
    if (settings.profile("web_identity_token_file")) return std::nullopt;
    return asked_by_profile(settings, {"role_arn"});
}

// An empty variable hides the profile's key.
std::optional<std::string> asks_for_web_identity(const Settings& settings) {
    if (const auto file = settings.environment()("AWS_WEB_IDENTITY_TOKEN_FILE")) {
        return file->empty() ? std::nullopt : std::optional<std::string>("AWS_WEB_IDENTITY_TOKEN_FILE");
    }
    return asked_by_profile(settings, {"web_identity_token_file"});
}

// Set counts, even to nothing.
std::optional<std::string> asks_for_container(const Settings& settings) {
    for (const char* const variable :
         {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"}) {
        if (settings.environment()(variable)) return variable;
    }
    return std::nullopt;
}

}  // namespace

std::unique_ptr<CredentialsProvider> default_chain(const Settings& settings, io::Executor executor,
                                                   const Clock& clock) {
    const std::string profile = "profile " + settings.profile_name() + " in ";
    std::vector<std::unique_ptr<CredentialsProvider>> chain;
    const auto unsupported = [&chain](std::string_view name, std::optional<std::string> configured_by) {
        chain.push_back(std::make_unique<UnsupportedProvider>(name, std::move(configured_by)));
    };
    chain.push_back(std::make_unique<EnvironmentProvider>(settings.environment(), clock));
    unsupported("assume-role", asks_for_role(settings));
    unsupported("assume-role-with-web-identity", asks_for_web_identity(settings));
    unsupported("sso", asked_by_profile(settings, {"sso_role_name", "sso_account_id"}));
    chain.push_back(std::make_unique<ProfileKeysProvider>("shared-credentials-file", settings.in_credentials_file(),
                                                          profile + settings.credentials_file().string()));
    unsupported("login", asked_by_profile(settings, {"login_session"}));
    unsupported("custom-process", asked_by_profile(settings, {"credential_process"}));
    chain.push_back(std::make_unique<ProfileKeysProvider>("config-file", settings.in_config_file(),
                                                          profile + settings.config_file().string()));
    unsupported("container-role", asks_for_container(settings));
    return std::make_unique<CachedProvider>(std::make_unique<ChainProvider>(std::move(chain)), executor, clock);
}

}  // namespace sma::aws
