// SPDX-License-Identifier: Apache-2.0
#include "cli/reload.hpp"

namespace sma::cli {
namespace {

// Prefetch runs once, at start.
bool same(const config::Prefetch& a, const config::Prefetch& b) {
    const auto same_secret = [](const config::PrefetchSecret& x, const config::PrefetchSecret& y) {
        return x.secret_id == y.secret_id && x.role_arn == y.role_arn;
    };
    const auto same_tag = [](const config::PrefetchTag& x, const config::PrefetchTag& y) {
        return x.key == y.key && x.role_arn == y.role_arn;
    };
    return a.cache_buffer_ratio == b.cache_buffer_ratio && a.max_jitter == b.max_jitter &&
           std::equal(a.secrets.begin(), a.secrets.end(), b.secrets.begin(), b.secrets.end(), same_secret) &&
           std::equal(a.filter_tags.begin(), a.filter_tags.end(), b.filter_tags.begin(), b.filter_tags.end(), same_tag);
}

}  // namespace

std::vector<std::string> settings_that_need_a_restart(const config::Config& old_config,
                                                      const config::Config& new_config) {
    std::vector<std::string> names;
    const auto compare = [&](const char* name, auto member) {
        if (old_config.*member != new_config.*member) names.emplace_back(name);
    };
    using config::Config;
    compare("enabled", &Config::enabled);
    compare("log_to_file", &Config::log_to_file);
    compare("http_port", &Config::http_port);
    compare("ssrf_headers", &Config::ssrf_headers);
    compare("ssrf_env_variables", &Config::ssrf_env_variables);
    compare("path_prefix", &Config::path_prefix);
    compare("region", &Config::region);
    compare("validate_credentials", &Config::validate_credentials);
    compare("credentials_file_path", &Config::credentials_file_path);
    compare("max_roles", &Config::max_roles);
    compare("allowed_hosts", &Config::allowed_hosts);
    compare("allow_long_term_credentials", &Config::allow_long_term_credentials);
    compare("workers", &Config::workers);
    if (!same(old_config.prefetch, new_config.prefetch)) names.emplace_back("prefetch");
    return names;
}

}  // namespace sma::cli
