// SPDX-License-Identifier: Apache-2.0
#include "config/testing.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

namespace sma::config {
namespace {

using namespace std::chrono_literals;
constexpr std::string_view kManager = "capabilities.secrets_manager";

// --- Defaults and whole files

TEST(ConfigTest, AnEmptyFileMeansTheDefaults) {
    for (const std::string_view text : {"", "\n", "# nothing\n", "[logging]", "[capabilities]", "[prefetch]",
                                        "[capabilities.secrets_manager]", "\xEF\xBB\xBF"}) {
        EXPECT_EQ(parsed(text), Config{}) << text;
    }
    const Config config = parsed("");
    EXPECT_TRUE(config.enabled);
    EXPECT_EQ(config.log_level, log::Level::Info);
    EXPECT_TRUE(config.log_to_file);
    EXPECT_EQ(config.http_port, 2773);
    EXPECT_EQ(config.ttl, 300s);
    EXPECT_EQ(config.cache_size, 1000U);
    EXPECT_EQ(config.ssrf_headers, (Strings{"X-Aws-Parameters-Secrets-Token", "X-Vault-Token"}));
    EXPECT_EQ(config.ssrf_env_variables,
              (Strings{"AWS_TOKEN", "AWS_SESSION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN"}));
    EXPECT_EQ(config.path_prefix, "/v1/");
    EXPECT_EQ(config.max_conn, 800U);
    EXPECT_EQ(config.region, std::nullopt);
    EXPECT_TRUE(config.ignore_transient_errors);
    EXPECT_TRUE(config.validate_credentials);
    EXPECT_EQ(config.credentials_file_path, std::nullopt);
    EXPECT_EQ(config.max_roles, 20U);
    EXPECT_EQ(config.prefetch, Prefetch{});
    EXPECT_DOUBLE_EQ(config.prefetch.cache_buffer_ratio, 0.8);
    EXPECT_EQ(config.prefetch.max_jitter, 0s);
    EXPECT_EQ(config.allowed_hosts, Strings{});
    EXPECT_FALSE(config.allow_long_term_credentials);
    EXPECT_EQ(config.workers, 0U);
}

/// Every key with a value that is not its default.
Config changed() {
    Config config;
    config.log_level = log::Level::Debug;
    config.log_to_file = false;
    config.http_port = 8080;
    config.ttl = 60s;
    config.cache_size = 10;
    config.ssrf_headers = {"X-One"};
    config.ssrf_env_variables = {"ONE", "TWO"};
    config.path_prefix = "/v2";
    config.max_conn = 5;
    config.region = "eu-central-1";
    config.ignore_transient_errors = false;
    config.validate_credentials = false;
    config.credentials_file_path = "/etc/credentials";
    config.max_roles = 3;
    config.prefetch = {.cache_buffer_ratio = 0.5,
                       .max_jitter = 7s,
                       .secrets = {{"one", std::nullopt}, {"two", "arn:aws:iam::123456789012:role/r"}},
                       .filter_tags = {{"team", std::nullopt}, {"app", "arn"}}};
    config.allowed_hosts = {"agent.local", "10.0.0.1"};
    config.allow_long_term_credentials = true;
    config.workers = 2;
    return config;
}

constexpr std::string_view kPrefetchLists = R"(
secrets = [{ secret_id = "one" }, { secret_id = "two", role_arn = "arn:aws:iam::123456789012:role/r" }]
filter_tags = [{ key = "team" }, { key = "app", role_arn = "arn" }]
)";

TEST(ConfigTest, EveryKeyInFlatForm) {
    EXPECT_EQ(parsed(fmt::format(R"(
log_level = "debug"
log_to_file = false
http_port = 8080
ttl_seconds = 60
cache_size = 10
ssrf_headers = ["X-One"]
ssrf_env_variables = ["ONE", "TWO"]
path_prefix = "/v2"
max_conn = 5
region = "eu-central-1"
ignore_transient_errors = false
validate_credentials = false
credentials_file_path = "/etc/credentials"
max_roles = 3
allowed_hosts = ["agent.local", "10.0.0.1"]
allow_long_term_credentials = true
workers = 2
[prefetch]
cache_buffer_ratio = 0.5
max_jitter_seconds = 7
{})",
                                 kPrefetchLists)),
              changed());
}

TEST(ConfigTest, EveryKeyInNestedForm) {
    Config expected = changed();
    expected.enabled = false;
    EXPECT_EQ(parsed(fmt::format(R"(
[logging]
log_level = "debug"
log_to_file = false
[capabilities.secrets_manager]
enabled = false
http_port = 8080
path_prefix = "/v2"
max_conn = 5
region = "eu-central-1"
ignore_transient_errors = false
validate_credentials = false
credentials_file_path = "/etc/credentials"
max_roles = 3
allow_long_term_credentials = true
workers = 2
[capabilities.secrets_manager.cache]
ttl_seconds = 60
cache_size = 10
[capabilities.secrets_manager.security]
ssrf_headers = ["X-One"]
ssrf_env_variables = ["ONE", "TWO"]
allowed_hosts = ["agent.local", "10.0.0.1"]
[capabilities.secrets_manager.prefetch]
cache_buffer_ratio = 0.5
max_jitter_seconds = 7
{})",
                                 kPrefetchLists)),
              expected);
}

TEST(ConfigTest, PrefetchListsMayBeArraysOfTables) {
    const Config config = parsed("[[prefetch.secrets]]\nsecret_id = 'a'\nrole_arn = 'r'\n"
                                 "[[prefetch.secrets]]\nsecret_id = 'b'\n[[prefetch.filter_tags]]\nkey = 'k'\n");
    EXPECT_EQ(config.prefetch.secrets, (std::vector<PrefetchSecret>{{"a", "r"}, {"b", std::nullopt}}));
    EXPECT_EQ(config.prefetch.filter_tags, (std::vector<PrefetchTag>{{"k", std::nullopt}}));
}

TEST(ConfigTest, DottedKeysAndInlineTablesAreTheSameTables) {
    EXPECT_EQ(parsed("logging.log_level = 'warn'").log_level, log::Level::Warn);
    EXPECT_EQ(parsed("capabilities.secrets_manager = { cache = { ttl_seconds = 5 } }").ttl, 5s);
    EXPECT_EQ(parsed("prefetch = { max_jitter_seconds = 5 }").prefetch.max_jitter, 5s);
}

// --- Ranges, in both forms

struct NumberCase {
    std::string_view flat;
    std::string_view nested;
    std::vector<std::int64_t> accepted;
    std::vector<std::int64_t> refused;
    std::string_view message;
    std::int64_t (*get)(const Config&);
};

const NumberCase kNumbers[] = {
    {"http_port",
     "http_port",
     {0, 1024, 2773, 65535},
     {1, 80, 1023, 65536, 99999999999},
     kPortMessage,
     [](const Config& c) -> std::int64_t { return c.http_port; }},
    {"ttl_seconds",
     "cache.ttl_seconds",
     {0, 1, 3600},
     {3601},
     "The TTL in seconds specified in the configuration file isn't valid. "
     "The TTL in seconds must be in the range 0 to 3600.",
     [](const Config& c) -> std::int64_t { return c.ttl.count(); }},
    {"cache_size",
     "cache.cache_size",
     {0, 1, 1000},
     {1001},
     "The cache size specified in the configuration file isn't valid. "
     "The cache size must be in the range 0 to 1000.",
     [](const Config& c) { return static_cast<std::int64_t>(c.cache_size); }},
    {"max_conn",
     "max_conn",
     {1, 1000},
     {0, 1001},
     "The maximum number of connections specified in the configuration file isn't valid. "
     "The maximum number of connections must be in the range 1 to 1000.",
     [](const Config& c) { return static_cast<std::int64_t>(c.max_conn); }},
    {"max_roles",
     "max_roles",
     {1, 20},
     {0, 21},
     "The maximum number of roles specified in the configuration file isn't valid. "
     "The maximum number of roles must be in the range 1 to 20.",
     [](const Config& c) { return static_cast<std::int64_t>(c.max_roles); }},
    {"workers",
     "workers",
     {0, 1, 64},
     {65},
     "The number of workers specified in the configuration file isn't valid. "
     "The number of workers must be in the range 0 to 64.",
     [](const Config& c) { return static_cast<std::int64_t>(c.workers); }},
    {"prefetch.max_jitter_seconds",
     "prefetch.max_jitter_seconds",
     {0, 10},
     {11},
     "The max jitter seconds specified in the configuration file isn't valid. "
     "The max jitter seconds must be in the range 0 to 10.",
     [](const Config& c) -> std::int64_t { return c.prefetch.max_jitter.count(); }},
};

TEST(ConfigTest, NumbersAreCheckedAtTheEdgesOfTheirRanges) {
    for (const NumberCase& number : kNumbers) {
        const std::string nested = fmt::format("{}.{}", kManager, number.nested);
        for (const std::string& path : {std::string(number.flat), nested}) {
            for (const std::int64_t value : number.accepted) {
                EXPECT_EQ(number.get(parsed(fmt::format("{} = {}", path, value))), value) << path;
            }
            for (const std::int64_t value : number.refused) {
                EXPECT_EQ(only_error(fmt::format("{} = {}", path, value)),
                          fmt::format("f:1:{}: {}: {} (Got: {})", path.size() + 4, path, number.message, value));
            }
            EXPECT_EQ(only_error(fmt::format("{} = -1", path)),
                      fmt::format("f:1:{}: {}: {} (Got: '-1')", path.size() + 4, path, number.message));
        }
    }
}

TEST(ConfigTest, TheCacheBufferRatioIsAnyNumberInItsRange) {
    EXPECT_DOUBLE_EQ(parsed("prefetch.cache_buffer_ratio = 0.1").prefetch.cache_buffer_ratio, 0.1);
    EXPECT_DOUBLE_EQ(parsed("prefetch.cache_buffer_ratio = 1.0").prefetch.cache_buffer_ratio, 1.0);
    EXPECT_DOUBLE_EQ(parsed("prefetch.cache_buffer_ratio = 1").prefetch.cache_buffer_ratio, 1.0);
    for (const std::string_view value : {"0.09", "1.01", "0", "2", "-1.5", "nan", "inf"}) {
        EXPECT_EQ(only_error(fmt::format("prefetch.cache_buffer_ratio = {}", value)),
                  fmt::format("f:1:31: prefetch.cache_buffer_ratio: The cache buffer ratio specified in the "
                              "configuration file isn't valid. The cache buffer ratio must be in the range 0.1 to 1.0. "
                              "(Got: {})",
                              value));
    }
    EXPECT_EQ(only_error("prefetch.cache_buffer_ratio = '0.5'"),
              "f:1:31: prefetch.cache_buffer_ratio: invalid type: string \"0.5\", expected a number");
}

TEST(ConfigTest, LogLevelsComeInAnyLetterCase) {
    for (const std::string_view key : {"log_level", "logging.log_level"}) {
        EXPECT_EQ(parsed(fmt::format("{} = 'DEBUG'", key)).log_level, log::Level::Debug);
        EXPECT_EQ(parsed(fmt::format("{} = 'Info'", key)).log_level, log::Level::Info);
        EXPECT_EQ(parsed(fmt::format("{} = 'warn'", key)).log_level, log::Level::Warn);
        EXPECT_EQ(parsed(fmt::format("{} = 'eRRoR'", key)).log_level, log::Level::Error);
        EXPECT_EQ(parsed(fmt::format("{} = 'none'", key)).log_level, log::Level::None);
        for (const std::string_view word : {"", "trace", "warning", " info"}) {
            EXPECT_EQ(only_error(fmt::format("{} = '{}'", key, word)),
                      fmt::format("f:1:{}: {}: The log level specified in the configuration file isn't valid. The log "
                                  "level must be DEBUG, INFO, WARN, ERROR, or NONE. (Got: '{}')",
                                  key.size() + 4, key, word));
        }
    }
}

TEST(ConfigTest, ThePathPrefixBeginsWithASlash) {
    EXPECT_EQ(parsed("path_prefix = '/'").path_prefix, "/");
    EXPECT_EQ(only_error("path_prefix = 'v1/'"), "f:1:15: path_prefix: The path prefix specified in the configuration "
                                                 "file must begin with /. (Got: 'v1/')");
    EXPECT_EQ(only_error("[capabilities.secrets_manager]\npath_prefix = ''"),
              "f:2:15: capabilities.secrets_manager.path_prefix: The path prefix specified in the configuration file "
              "must begin with /. (Got: '')");
}

TEST(ConfigTest, ListsAreNotEmpty) {
    EXPECT_EQ(only_error("ssrf_headers = []"),
              "f:1:16: ssrf_headers: The list of SSRF headers in the configuration file can't be empty.");
    EXPECT_EQ(only_error("ssrf_env_variables = []"), "f:1:22: ssrf_env_variables: The list of SSRF environment "
                                                     "variables in the configuration file can't be empty.");
    EXPECT_EQ(only_error("[capabilities.secrets_manager.security]\nssrf_headers = []"),
              "f:2:16: capabilities.secrets_manager.security.ssrf_headers: The list of SSRF headers in the "
              "configuration file can't be empty.");
    EXPECT_EQ(parsed("ssrf_headers = ['not a header']").ssrf_headers, Strings{"not a header"});
    EXPECT_EQ(parsed("allowed_hosts = []").allowed_hosts, Strings{});
}

TEST(ConfigTest, AllowedHostsAreNamesWithoutPort) {
    EXPECT_EQ(parsed("allowed_hosts = ['my-host_1.Local']").allowed_hosts, Strings{"my-host_1.Local"});
    for (const std::string& host :
         {std::string(), std::string("a:80"), std::string("http://a"), std::string("a b"), std::string("*")}) {
        EXPECT_EQ(only_error(fmt::format("allowed_hosts = ['ok', '{}']", host)),
                  fmt::format("f:1:24: allowed_hosts[1]: An allowed host specified in the configuration file isn't "
                              "valid. It must be a host name or an IPv4 address, without a port. (Got: '{}')",
                              host));
    }
    EXPECT_NE(failure(fmt::format("allowed_hosts = ['{}']", std::string(254, 'a'))), "");
}

// --- All at once, syntax, files

TEST(ConfigTest, ReportsEveryErrorAtOnceInTheOrderOfTheFile) {
    EXPECT_EQ(failure("path_prefix = 'v1'\n"
                      "http_port = 80\n"
                      "log_level = 'loud'\n"
                      "\n"
                      "max_connections = 5\n"
                      "  log_to_file = 'maybe'\n"
                      "ssrf_headers = []\n"
                      "[prefetch]\n"
                      "max_jitter_seconds = 11\n"),
              "Configuration validation failed with 7 error(s):\n"
              "  1. f:1:15: path_prefix: The path prefix specified in the configuration file must begin with /. "
              "(Got: 'v1')\n"
              "  2. f:2:13: http_port: The HTTP port specified in the configuration file isn't valid. The HTTP port "
              "must be in the range 1024 to 65535. (Got: 80)\n"
              "  3. f:3:13: log_level: The log level specified in the configuration file isn't valid. The log level "
              "must be DEBUG, INFO, WARN, ERROR, or NONE. (Got: 'loud')\n"
              "  4. f:5:1: max_connections: unknown field `max_connections` (did you mean 'max_conn'?)\n"
              "  5. f:6:17: log_to_file: invalid type: string \"maybe\", expected a boolean\n"
              "  6. f:7:16: ssrf_headers: The list of SSRF headers in the configuration file can't be empty.\n"
              "  7. f:9:22: prefetch.max_jitter_seconds: The max jitter seconds specified in the configuration file "
              "isn't valid. The max jitter seconds must be in the range 0 to 10. (Got: 11)");
}

TEST(SyntaxTest, AnErrorStandsAloneWithItsPlace) {
    for (const std::string_view text :
         {"http_port = 80\nregion = \n", "http_port = 80\n[prefetch\n", "a = 1\nb = 'x", "a\n", "= 1", "a = 1 b = 2",
          "a = 01", "[a]\n[a]\n", "a = \"\\q\"", "a = \x01", "[[[a]]]", "[&", "[[", "[+]", "[[+a]]", "{", "a = {,}"}) {
        const std::string message = only_error(text);
        std::uint32_t line = 0;
        std::uint32_t column = 0;
        ASSERT_EQ(std::sscanf(message.c_str(), "f:%u:%u:", &line, &column), 2) << message;
        EXPECT_TRUE(message.starts_with(
            fmt::format("f:{}:{}: TOML parse error at line {}, column {}: ", line, column, line, column)))
            << message;
        EXPECT_FALSE(message.contains('\n')) << message;
    }
}

TEST(SyntaxTest, ADuplicateKeyIsOne) {
    EXPECT_TRUE(only_error("http_port = 2000\nhttp_port = 3000\n").starts_with("f:2:")) << failure("a=1\na=2");
}

TEST(SyntaxTest, TextThatIsNotUtf8IsOne) {
    for (const std::string_view text :
         {"region = '\xFF\xFE'", "region = '\xC3", "region = '\xC0\xAF'", "\xED\xA0\x80 = 1"}) {
        const std::string message = only_error(text);
        EXPECT_TRUE(message.starts_with("f:1:")) << message;
        EXPECT_TRUE(message.contains("utf-8")) << message;
    }
}

TEST(SyntaxTest, CharactersBeyondAsciiStandInStringsAndCommentsOnly) {
    EXPECT_EQ(parsed("region = 'caf\xC3\xA9' # \xCF\x8C\n").region, "caf\xC3\xA9");
    EXPECT_EQ(parsed("region = \"\"\"\\\n \xC3\xA9\"\"\"").region, "\xC3\xA9");
    for (const std::string_view text : {"region = \xC3\xA9", "\xCF\x8C = 1", "region = 1\xCF\x8C", "\xC2\xA0region = 1",
                                        "region = \xE2\x80\x9Cr\xE2\x80\x9D", "region = \"\"\"\\\xC3\xA9\"\"\"",
                                        "http_port = 2020-01-01T10\xCF\x8C", "\xE3\x81\x82"}) {
        EXPECT_TRUE(only_error(text).contains("TOML parse error")) << text;
    }
}

TEST(SyntaxTest, ATextOverOneMebibyteIsRefused) {
    EXPECT_EQ(parsed(std::string(1024 * 1024, '\n')), Config{});
    EXPECT_EQ(failure(std::string(1024 * 1024 + 1, '\n')), "Failed to read config file 'f': larger than 1048576 bytes");
}

class ConfigFileTest : public ::testing::Test {
protected:
    ConfigFileTest() {
        std::string name = ::testing::TempDir() + "sma_config_XXXXXX";
        directory_ = ::mkdtemp(name.data());
    }
    ~ConfigFileTest() override { std::filesystem::remove_all(directory_); }

    [[nodiscard]] std::filesystem::path write(std::string_view name, std::string_view text) const {
        const std::filesystem::path path = directory_ / name;
        std::ofstream(path) << text;
        return path;
    }
    [[nodiscard]] std::filesystem::path directory() const { return directory_; }

private:
    std::filesystem::path directory_;
};

std::string load_failure(const std::filesystem::path& path) {
    const Result<Loaded> loaded = load(path);
    if (loaded) return "accepted";
    EXPECT_EQ(loaded.error().kind(), ErrorKind::InvalidInput);
    return loaded.error().message();
}

TEST_F(ConfigFileTest, IsReadWhateverItsName) {
    for (const std::string_view name : {"config.toml", "config", "config.conf", "c.json"}) {
        const Result<Loaded> loaded = load(write(name, "http_port = 9000\n"));
        ASSERT_TRUE(loaded) << loaded.error().message();
        EXPECT_EQ(loaded->config.http_port, 9000);
    }
}

TEST_F(ConfigFileTest, MessagesCarryTheNameAsGiven) {
    const std::filesystem::path path = write("bad.toml", "http_port = 80\n");
    EXPECT_EQ(load_failure(path), fmt::format("Configuration validation failed with 1 error(s):\n"
                                              "  1. {}:1:13: http_port: {} (Got: 80)",
                                              path.string(), kPortMessage));
}

TEST_F(ConfigFileTest, AMissingFileIsNotFound) {
    EXPECT_EQ(load_failure("no/such file.toml"), "configuration file \"no/such file.toml\" not found");
    EXPECT_EQ(load_failure("a\nb"), "configuration file \"a\\x0ab\" not found");
}

TEST_F(ConfigFileTest, WhatCannotBeReadComesWithTheReason) {
    EXPECT_EQ(load_failure(directory()),
              fmt::format("Failed to read config file '{}': Is a directory (os error 21)", directory().string()));
    if (::geteuid() != 0) {
        const std::filesystem::path path = write("closed.toml", "");
        ASSERT_EQ(::chmod(path.c_str(), 0), 0);
        EXPECT_EQ(load_failure(path),
                  fmt::format("Failed to read config file '{}': Permission denied (os error 13)", path.string()));
    }
}

TEST_F(ConfigFileTest, AHugeFileIsRefused) {
    const std::filesystem::path path = write("huge.toml", std::string(1024 * 1024 + 1, '\n'));
    EXPECT_EQ(load_failure(path),
              fmt::format("Failed to read config file '{}': larger than 1048576 bytes", path.string()));
}

TEST(CredentialsFileTest, MayNotBeAnEmptyPath) {
    EXPECT_EQ(only_error("credentials_file_path = ''"),
              "f:1:25: credentials_file_path: The credentials file path specified in the configuration file can't be "
              "empty. (Got: '')");
}

}  // namespace
}  // namespace sma::config
