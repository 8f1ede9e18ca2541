// SPDX-License-Identifier: Apache-2.0
#include "config/schema.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace sma::config {
namespace {

// The reference's own words, except the range of the cache size, which begins at 0 here.
constexpr std::string_view kPort = "The HTTP port specified in the configuration file isn't valid. "
                                   "The HTTP port must be in the range 1024 to 65535.";
constexpr std::string_view kTtl = "The TTL in seconds specified in the configuration file isn't valid. "
                                  "The TTL in seconds must be in the range 0 to 3600.";
constexpr std::string_view kSize = "The cache size specified in the configuration file isn't valid. "
                                   "The cache size must be in the range 0 to 1000.";
constexpr std::string_view kConnections =
    "The maximum number of connections specified in the configuration file isn't valid. "
    "The maximum number of connections must be in the range 1 to 1000.";
constexpr std::string_view kHeaders = "The list of SSRF headers in the configuration file can't be empty.";
constexpr std::string_view kVariables =
    "The list of SSRF environment variables in the configuration file can't be empty.";
constexpr std::string_view kPrefix = "The path prefix specified in the configuration file must begin with /.";
constexpr std::string_view kRoles = "The maximum number of roles specified in the configuration file isn't valid. "
                                    "The maximum number of roles must be in the range 1 to 20.";
constexpr std::string_view kRatio = "The cache buffer ratio specified in the configuration file isn't valid. "
                                    "The cache buffer ratio must be in the range 0.1 to 1.0.";
constexpr std::string_view kJitter = "The max jitter seconds specified in the configuration file isn't valid. "
                                     "The max jitter seconds must be in the range 0 to 10.";
// Ours.
constexpr std::string_view kCredentialsFile =
    "The credentials file path specified in the configuration file can't be empty.";
constexpr std::string_view kHosts = "An allowed host specified in the configuration file isn't valid. "
                                    "It must be a host name or an IPv4 address, without a port.";
constexpr std::string_view kWorkers = "The number of workers specified in the configuration file isn't valid. "
                                      "The number of workers must be in the range 0 to 64.";

bool is_host(std::string_view text) {
    constexpr std::size_t longest_name = 253;
    const auto allowed = [](char c) { return ascii::is_alnum(c) || c == '-' || c == '.' || c == '_'; };
    return !text.empty() && text.size() <= longest_name && std::ranges::all_of(text, allowed);
}

using Values = std::span<std::optional<std::string>>;

constexpr std::array kSecretFields{RecordField{"secret_id", true}, RecordField{"role_arn"}};
constexpr std::array kTagFields{RecordField{"key", true}, RecordField{"role_arn"}};
constexpr std::array kCertificateFields{RecordField{"certificate_arn"},
                                        RecordField{"certificate_path"},
                                        RecordField{"private_key_path"},
                                        RecordField{"role_arn"},
                                        RecordField{"chain_path"},
                                        RecordField{.name = "refresh_command", .text = false},
                                        RecordField{.name = "certificate_and_chain_permission", .text = false},
                                        RecordField{.name = "key_permission", .text = false}};

constexpr std::array kKeys{
    Key{"", "capabilities.secrets_manager.enabled", FlagRule{&Config::enabled}},
    Key{"log_level", "logging.log_level", LevelRule{}},
    Key{"log_to_file", "logging.log_to_file", FlagRule{&Config::log_to_file}},
    Key{"http_port", "capabilities.secrets_manager.http_port",
        NumberRule{1024, 65535, kPort,
                   [](Config& config, std::int64_t value) { config.http_port = static_cast<std::uint16_t>(value); },
                   true}},
    Key{"ttl_seconds", "capabilities.secrets_manager.cache.ttl_seconds",
        NumberRule{0, 3600, kTtl,
                   [](Config& config, std::int64_t value) { config.ttl = std::chrono::seconds(value); }}},
    Key{"cache_size", "capabilities.secrets_manager.cache.cache_size",
        NumberRule{0, 1000, kSize,
                   [](Config& config, std::int64_t value) { config.cache_size = static_cast<std::size_t>(value); }}},
    Key{"ssrf_headers", "capabilities.secrets_manager.security.ssrf_headers",
        ListRule{&Config::ssrf_headers, kHeaders, nullptr, {}}},
    Key{"ssrf_env_variables", "capabilities.secrets_manager.security.ssrf_env_variables",
        ListRule{&Config::ssrf_env_variables, kVariables, nullptr, {}}},
    Key{"allowed_hosts", "capabilities.secrets_manager.security.allowed_hosts",
        ListRule{&Config::allowed_hosts, {}, is_host, kHosts}},
    Key{"path_prefix", "capabilities.secrets_manager.path_prefix",
        TextRule{[](Config& config, std::string value) { config.path_prefix = std::move(value); }, "/", kPrefix}},
    Key{"max_conn", "capabilities.secrets_manager.max_conn",
        NumberRule{1, 1000, kConnections,
                   [](Config& config, std::int64_t value) { config.max_conn = static_cast<std::size_t>(value); }}},
    Key{"workers", "capabilities.secrets_manager.workers",
        NumberRule{0, 64, kWorkers,
                   [](Config& config, std::int64_t value) { config.workers = static_cast<std::size_t>(value); }}},
    Key{"region", "capabilities.secrets_manager.region",
        TextRule{[](Config& config, std::string value) { config.region = std::move(value); }, {}, {}}},
    Key{"ignore_transient_errors", "capabilities.secrets_manager.ignore_transient_errors",
        FlagRule{&Config::ignore_transient_errors}},
    Key{"validate_credentials", "capabilities.secrets_manager.validate_credentials",
        FlagRule{&Config::validate_credentials}},
    Key{"credentials_file_path", "capabilities.secrets_manager.credentials_file_path",
        TextRule{[](Config& config, std::string value) { config.credentials_file_path = std::move(value); },
                 {},
                 kCredentialsFile,
                 false}},
    Key{"allow_long_term_credentials", "capabilities.secrets_manager.allow_long_term_credentials",
        FlagRule{&Config::allow_long_term_credentials}},
    Key{"max_roles", "capabilities.secrets_manager.max_roles",
        NumberRule{1, 20, kRoles,
                   [](Config& config, std::int64_t value) { config.max_roles = static_cast<std::size_t>(value); }}},
    Key{"prefetch.cache_buffer_ratio", "capabilities.secrets_manager.prefetch.cache_buffer_ratio",
        FractionRule{0.1, 1.0, kRatio,
                     [](Config& config, double value) { config.prefetch.cache_buffer_ratio = value; }}},
    Key{"prefetch.max_jitter_seconds", "capabilities.secrets_manager.prefetch.max_jitter_seconds",
        NumberRule{
            0, 10, kJitter,
            [](Config& config, std::int64_t value) { config.prefetch.max_jitter = std::chrono::seconds(value); }}},
    Key{"prefetch.secrets", "capabilities.secrets_manager.prefetch.secrets",
        RecordsRule{kSecretFields,
                    [](Config& config, Values values) {
                        config.prefetch.secrets.emplace_back(std::move(values[0]).value(), std::move(values[1]));
                    }}},
    Key{"prefetch.filter_tags", "capabilities.secrets_manager.prefetch.filter_tags",
        RecordsRule{kTagFields,
                    [](Config& config, Values values) {
                        config.prefetch.filter_tags.emplace_back(std::move(values[0]).value(), std::move(values[1]));
                    }}},

    Key{"", "capabilities.acm.enabled", UnsupportedRule{.text = false}},
    Key{"", "capabilities.acm.certificates", RecordsRule{kCertificateFields, nullptr}},
    Key{"", "capabilities.acm.default_certificate_permission.mode", UnsupportedRule{.text = true}},
    Key{"", "capabilities.acm.default_key_permission.mode", UnsupportedRule{.text = true}},
};

/// What follows `section` and a dot in `path`; all of `path` for the top level; empty if `path` is not in the section.
std::string_view below(std::string_view section, std::string_view path) {
    if (section.empty()) return path;
    if (path.size() <= section.size() || !path.starts_with(section) || path[section.size()] != '.') return {};
    return path.substr(section.size() + 1);
}

}  // namespace

std::span<const Key> keys() {
    return kKeys;
}

const Key* find_key(Form form, std::string_view path) {
    const auto* const found =
        std::ranges::find_if(kKeys, [&](const Key& key) { return !path.empty() && key.path(form) == path; });
    return found == kKeys.end() ? nullptr : found;
}

bool is_section(Form form, std::string_view path) {
    return std::ranges::any_of(kKeys, [&](const Key& key) { return !below(path, key.path(form)).empty(); });
}

std::vector<std::string_view> names_in(Form form, std::string_view path) {
    std::vector<std::string_view> names;
    for (const Key& key : kKeys) {
        const std::string_view rest = below(path, key.path(form));
        const std::string_view name = rest.substr(0, rest.find('.'));
        if (!name.empty() && std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
    return names;
}

std::string_view nested_path_of(std::string_view name) {
    if (const Key* key = find_key(Form::Flat, name)) return key->nested;
    for (const Key& key : kKeys) {
        const std::string_view rest = below(name, key.flat);
        if (!rest.empty()) return key.nested.substr(0, key.nested.size() - rest.size() - 1);
    }
    return {};
}

}  // namespace sma::config
