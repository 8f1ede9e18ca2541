// SPDX-License-Identifier: Apache-2.0
// What a user may configure, as plain values with the defaults of the reference.
//
// Filled in from the agent's TOML file (config/load.hpp), again at a reload, and handed down as plain options. What AWS
// itself defines (AWS_* variables, ~/.aws) is read by aws/. Not changed after loading, so any thread may read it.
#pragma once

#include "base/log.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace sma::config {

/// `[[prefetch.secrets]]`: a secret to fetch at start.
struct PrefetchSecret {
    std::string secret_id;
    std::optional<std::string> role_arn;
    friend bool operator==(const PrefetchSecret&, const PrefetchSecret&) = default;
};

/// `[[prefetch.filter_tags]]`: fetch every secret that carries this tag key.
struct PrefetchTag {
    std::string key;
    std::optional<std::string> role_arn;
    friend bool operator==(const PrefetchTag&, const PrefetchTag&) = default;
};

struct Prefetch {
    double cache_buffer_ratio = 0.8;     ///< 0.1 to 1.0
    std::chrono::seconds max_jitter{0};  ///< 0 to 10
    std::vector<PrefetchSecret> secrets;
    std::vector<PrefetchTag> filter_tags;
    friend bool operator==(const Prefetch&, const Prefetch&) = default;
};

struct Config {
    bool enabled = true;  ///< nested form only
    log::Level log_level = log::Level::Info;
    bool log_to_file = true;
    std::uint16_t http_port = 2773;  ///< 0 (the system picks) or 1024 to 65535
    std::chrono::seconds ttl{300};   ///< 0 to 3600; 0: no value is served from memory
    std::size_t cache_size = 1000;   ///< 0 to 1000 secrets; 0: no value is served from memory
    std::vector<std::string> ssrf_headers{"X-Aws-Parameters-Secrets-Token", "X-Vault-Token"};
    std::vector<std::string> ssrf_env_variables{"AWS_TOKEN", "AWS_SESSION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN"};
    std::string path_prefix = "/v1/";  ///< begins with /
    std::size_t max_conn = 800;        ///< 1 to 1000
    std::optional<std::string> region;
    bool ignore_transient_errors = true;
    bool validate_credentials = true;
    std::optional<std::filesystem::path> credentials_file_path;
    std::size_t max_roles = 20;  ///< 1 to 20
    Prefetch prefetch;

    // Additions to the reference.
    std::vector<std::string> allowed_hosts;    ///< accepted in Host besides the loopback names, without port
    bool allow_long_term_credentials = false;  ///< credentials_file_path may hold keys without a session token
    std::size_t workers = 0;                   ///< 0 (as many as processors, at most 4) to 64

    friend bool operator==(const Config&, const Config&) = default;
};

}  // namespace sma::config
