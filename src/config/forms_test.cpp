// SPDX-License-Identifier: Apache-2.0
// The two forms and their keys: loose types, exact types, mixing, unknown keys, prefetch lists, certificates.
#include "config/testing.hpp"

#include <fmt/format.h>

#include <utility>

namespace sma::config {
namespace {

constexpr std::string_view kMix = "The configuration file format isn't valid. Flat keys can't be used in conjunction "
                                  "with nested sections ('logging' or 'capabilities').";

// --- What release 2 accepted: the flat form, with a warning

TEST(LooseFormTest, NumbersMayBeWrittenInManyWays) {
    EXPECT_EQ(parsed("http_port = 0x1F90").http_port, 8080);
    EXPECT_EQ(parsed("http_port = 8_080").http_port, 8080);
    EXPECT_EQ(parsed("http_port = '8080'").http_port, 8080);
    EXPECT_EQ(parsed("http_port = '+08080'").http_port, 8080);
    EXPECT_EQ(tolerated("http_port = 8080.0", {"f:1:13: http_port: floating point `8080` is read as 8080: write 8080"})
                  .http_port,
              8080);
    EXPECT_EQ(tolerated("http_port = '0x1F90'", {"f:1:13: http_port: string \"0x1F90\" is read as 8080: write 8080"})
                  .http_port,
              8080);
    EXPECT_EQ(tolerated("max_roles = '1_0'", {"f:1:13: max_roles: string \"1_0\" is read as 10: write 10"}).max_roles,
              10U);
}

TEST(LooseFormTest, WhatIsNoNumberIsRefused) {
    for (const std::string_view text : {"abc", "-1", " 8080", "8080 ", "8080.0", ""}) {
        EXPECT_EQ(only_error(fmt::format("http_port = '{}'", text)),
                  fmt::format("f:1:13: http_port: {} (Got: '{}')", kPortMessage, text));
    }
    EXPECT_EQ(only_error("http_port = '80'"), fmt::format("f:1:13: http_port: {} (Got: 80)", kPortMessage));
    constexpr std::pair<std::string_view, std::string_view> others[] = {
        {"true", "boolean"},    {"8080.5", "float"},        {"nan", "float"},
        {"inf", "float"},       {"1e300", "float"},         {"[8080]", "array"},
        {"{ a = 1 }", "table"}, {"2020-01-01", "datetime"}, {"10:00:00", "datetime"}};
    for (const auto& [value, type] : others) {
        EXPECT_EQ(only_error(fmt::format("http_port = {}", value)),
                  fmt::format("f:1:13: http_port: Expected a string or integer for 'http_port'. (Got: {})", type));
    }
}

TEST(LooseFormTest, BooleansMayBeWordsAndNumbers) {
    for (const std::string_view value : {"'no'", "'OFF'", "'False'", "'0'", "0", "0.0"}) {
        const Result<Loaded> loaded = parse(fmt::format("log_to_file = {}", value), "f");
        ASSERT_TRUE(loaded) << value;
        EXPECT_FALSE(loaded->config.log_to_file) << value;
        EXPECT_EQ(loaded->warnings.size(), 1U) << value;
    }
    for (const std::string_view value : {"'yes'", "'On'", "'TRUE'", "'1'", "5", "-1", "0.5"}) {
        const Result<Loaded> loaded = parse(fmt::format("allow_long_term_credentials = {}", value), "f");
        ASSERT_TRUE(loaded) << value;
        EXPECT_TRUE(loaded->config.allow_long_term_credentials) << value;
        EXPECT_EQ(loaded->warnings.size(), 1U) << value;
    }
    tolerated("log_to_file = 'yes'", {"f:1:15: log_to_file: string \"yes\" is read as true: write true"});
    EXPECT_EQ(only_error("log_to_file = 'maybe'"),
              "f:1:15: log_to_file: invalid type: string \"maybe\", expected a boolean");
    EXPECT_EQ(only_error("log_to_file = []"), "f:1:15: log_to_file: invalid type: sequence, expected a boolean");
}

TEST(LooseFormTest, StringsMayBeIntegersAndBooleans) {
    EXPECT_EQ(
        tolerated("region = 1", {"f:1:10: region: integer `1` is read as the string \"1\": write it in quotes"}).region,
        "1");
    EXPECT_EQ(tolerated("credentials_file_path = true", {"f:1:25: credentials_file_path: boolean `true` is read as the "
                                                         "string \"true\": write it in quotes"})
                  .credentials_file_path,
              "true");
    EXPECT_EQ(
        tolerated("ssrf_headers = ['a', 1, false]",
                  {"f:1:22: ssrf_headers[1]: integer `1` is read as the string \"1\": write it in quotes",
                   "f:1:25: ssrf_headers[2]: boolean `false` is read as the string \"false\": write it in quotes"})
            .ssrf_headers,
        (Strings{"a", "1", "false"}));
    EXPECT_EQ(only_error("log_level = 1").substr(0, 18), "f:1:13: log_level:");
    EXPECT_EQ(only_error("region = ['a']"), "f:1:10: region: invalid type: sequence, expected a string");
    EXPECT_EQ(only_error("region = {}"), "f:1:10: region: invalid type: map, expected a string");
    EXPECT_EQ(only_error("region = 1.5"), "f:1:10: region: invalid type: floating point `1.5`, expected a string");
    EXPECT_EQ(only_error("ssrf_headers = 'X'"),
              "f:1:16: ssrf_headers: invalid type: string \"X\", expected a sequence");
    EXPECT_EQ(only_error("ssrf_headers = ['X', {}]"), "f:1:22: ssrf_headers[1]: invalid type: map, expected a string");
}

TEST(LooseFormTest, KeysMayBeInAnyLetterCase) {
    EXPECT_EQ(
        tolerated("HTTP_PORT = 9999", {"f:1:1: HTTP_PORT: read as 'http_port': write it in lower case"}).http_port,
        9999);
    EXPECT_EQ(tolerated("Region = 'r'\nLog_To_File = false",
                        {"f:1:1: Region: read as 'region': write it in lower case",
                         "f:2:1: Log_To_File: read as 'log_to_file': write it in lower case"})
                  .region,
              "r");
    EXPECT_EQ(only_error("[prefetch]\nMax_Jitter_Seconds = 1"),
              "f:2:1: prefetch.Max_Jitter_Seconds: unknown field `Max_Jitter_Seconds` "
              "(did you mean 'max_jitter_seconds'?)");
}

TEST(LooseFormTest, TwoSpellingsOfOneKeyAreADuplicate) {
    EXPECT_EQ(only_error("http_port = 2000\n\nHTTP_PORT = 3000"),
              "f:3:1: http_port: duplicate field `http_port` (first in line 1)");
    EXPECT_EQ(only_error("HTTP_PORT = 2000\nhttp_port = 3000"),
              "f:2:1: http_port: duplicate field `http_port` (first in line 1)");
}

TEST(LooseFormTest, ThePrefetchTableIsStrict) {
    EXPECT_EQ(only_error("[prefetch]\nmax_jitter_seconds = '5'"),
              "f:2:22: prefetch.max_jitter_seconds: invalid type: string \"5\", expected an integer");
    EXPECT_EQ(only_error("[prefetch]\nmax_jitter_seconds = 5.0"),
              "f:2:22: prefetch.max_jitter_seconds: invalid type: floating point `5`, expected an integer");
}

TEST(NestedFormTest, TypesAreExact) {
    EXPECT_EQ(only_error("[capabilities.secrets_manager]\nhttp_port = '8080'"),
              "f:2:13: capabilities.secrets_manager.http_port: invalid type: string \"8080\", expected an integer");
    EXPECT_EQ(only_error("[capabilities.secrets_manager]\nhttp_port = 8080.0"),
              "f:2:13: capabilities.secrets_manager.http_port: invalid type: floating point `8080`, expected an "
              "integer");
    EXPECT_EQ(only_error("[logging]\nlog_to_file = 'yes'"),
              "f:2:15: logging.log_to_file: invalid type: string \"yes\", expected a boolean");
    EXPECT_EQ(only_error("[capabilities.secrets_manager]\nregion = 1"),
              "f:2:10: capabilities.secrets_manager.region: invalid type: integer `1`, expected a string");
    EXPECT_EQ(only_error("[capabilities.secrets_manager.security]\nssrf_headers = ['a', 1]"),
              "f:2:22: capabilities.secrets_manager.security.ssrf_headers[1]: invalid type: integer `1`, expected a "
              "string");
    EXPECT_EQ(only_error("logging = 5"), "f:1:11: logging: invalid type: integer `5`, expected a map");
    EXPECT_EQ(only_error("[[logging]]\nlog_level = 'info'").substr(4),
              "1: logging: invalid type: sequence, expected a map");
    EXPECT_EQ(only_error("capabilities.secrets_manager = 2020-01-01"),
              "f:1:32: capabilities.secrets_manager: invalid type: date, expected a map");
    EXPECT_EQ(only_error("capabilities.secrets_manager.cache = true"),
              "f:1:38: capabilities.secrets_manager.cache: invalid type: boolean `true`, expected a map");
}

// --- Mixing

TEST(MixedFormTest, EachFlatKeyNamesItsNestedOne) {
    constexpr std::pair<std::string_view, std::string_view> keys[] = {
        {"http_port = 8080", "capabilities.secrets_manager.http_port"},
        {"ttl_seconds = 1", "capabilities.secrets_manager.cache.ttl_seconds"},
        {"cache_size = 1", "capabilities.secrets_manager.cache.cache_size"},
        {"max_conn = 1", "capabilities.secrets_manager.max_conn"},
        {"region = 'r'", "capabilities.secrets_manager.region"},
        {"ssrf_headers = ['a']", "capabilities.secrets_manager.security.ssrf_headers"},
        {"ssrf_env_variables = ['a']", "capabilities.secrets_manager.security.ssrf_env_variables"},
        {"path_prefix = '/'", "capabilities.secrets_manager.path_prefix"},
        {"ignore_transient_errors = true", "capabilities.secrets_manager.ignore_transient_errors"},
        {"validate_credentials = true", "capabilities.secrets_manager.validate_credentials"},
        {"credentials_file_path = 'a'", "capabilities.secrets_manager.credentials_file_path"},
        {"log_level = 'info'", "logging.log_level"},
        {"log_to_file = true", "logging.log_to_file"},
        {"max_roles = 1", "capabilities.secrets_manager.max_roles"},
        {"prefetch = {}", "capabilities.secrets_manager.prefetch"},
        {"allowed_hosts = []", "capabilities.secrets_manager.security.allowed_hosts"},
        {"allow_long_term_credentials = true", "capabilities.secrets_manager.allow_long_term_credentials"},
        {"workers = 1", "capabilities.secrets_manager.workers"},
    };
    for (const auto& [line, nested] : keys) {
        const std::string_view flat = line.substr(0, line.find(' '));
        for (const std::string_view section : {"[logging]", "[capabilities]", "[capabilities.acm]"}) {
            const Result<Loaded> loaded = parse(fmt::format("{}\n{}", line, section), "f");
            ASSERT_FALSE(loaded) << line;
            EXPECT_EQ(loaded.error().message(), fmt::format("Configuration validation failed with 1 error(s):\n"
                                                            "  1. f:1:1: {}: {} (Use '{}' instead of '{}'.)",
                                                            flat, kMix, nested, flat));
        }
    }
}

TEST(MixedFormTest, TheFlatKeysValueIsNotCheckedAsWell) {
    EXPECT_EQ(only_error("max_roles = 500\n[logging]"),
              fmt::format("f:1:1: max_roles: {} (Use 'capabilities.secrets_manager.max_roles' instead of 'max_roles'.)",
                          kMix));
    EXPECT_TRUE(only_error("[logging]\n[prefetch]\nnonsense = 1").contains(kMix));
    EXPECT_TRUE(only_error("HTTP_PORT = 1\n[logging]").contains(kMix));
}

TEST(MixedFormTest, OtherTopLevelKeysAreUnknown) {
    EXPECT_EQ(only_error("[logging]\n[metrics]"),
              "f:2:2: metrics: unknown field `metrics` (expected one of `capabilities`, `logging`)");
    EXPECT_EQ(only_error("[logging]\n[capability]"),
              "f:2:2: capability: unknown field `capability` (did you mean 'capabilities'?)");
}

// --- Unknown keys

TEST(UnknownKeyTest, NamesTheNearestKey) {
    EXPECT_EQ(only_error("max_connections = 5"),
              "f:1:1: max_connections: unknown field `max_connections` (did you mean 'max_conn'?)");
    EXPECT_EQ(only_error("\n  ttl = 5"), "f:2:3: ttl: unknown field `ttl` (did you mean 'ttl_seconds'?)");
    EXPECT_EQ(only_error("[logging]\nlevel = 'info'"),
              "f:2:1: logging.level: unknown field `level` (did you mean 'log_level'?)");
    EXPECT_EQ(only_error("[capabilities.secret_manager]"),
              "f:1:15: capabilities.secret_manager: unknown field `secret_manager` (did you mean 'secrets_manager'?)");
    EXPECT_EQ(only_error("[capabilities.secrets_manager.caches]"),
              "f:1:31: capabilities.secrets_manager.caches: unknown field `caches` (did you mean 'cache'?)");
}

TEST(UnknownKeyTest, NamesTheSectionWhereTheKeyBelongs) {
    EXPECT_EQ(only_error("[capabilities.secrets_manager]\nttl_seconds = 5"),
              "f:2:1: capabilities.secrets_manager.ttl_seconds: unknown field `ttl_seconds` "
              "(did you mean 'capabilities.secrets_manager.cache.ttl_seconds'?)");
    EXPECT_EQ(
        only_error("max_jitter_seconds = 5"),
        "f:1:1: max_jitter_seconds: unknown field `max_jitter_seconds` (did you mean 'prefetch.max_jitter_seconds'?)");
}

TEST(UnknownKeyTest, ListsTheAcceptedKeysWhenNoneIsNear) {
    EXPECT_EQ(only_error("foo = 1"),
              "f:1:1: foo: unknown field `foo` (expected one of `log_level`, `log_to_file`, `http_port`, "
              "`ttl_seconds`, `cache_size`, `ssrf_headers`, `ssrf_env_variables`, `allowed_hosts`, `path_prefix`, "
              "`max_conn`, `workers`, `region`, `ignore_transient_errors`, `validate_credentials`, "
              "`credentials_file_path`, `allow_long_term_credentials`, `max_roles`, `prefetch`)");
    EXPECT_EQ(only_error("[capabilities.secrets_manager.cache]\nfoo = 1"),
              "f:2:1: capabilities.secrets_manager.cache.foo: unknown field `foo` "
              "(expected one of `ttl_seconds`, `cache_size`)");
}

TEST(UnknownKeyTest, TheNestedFormAloneHasEnabled) {
    EXPECT_TRUE(only_error("enabled = true").starts_with("f:1:1: enabled: unknown field `enabled`"));
}

TEST(UnknownKeyTest, AQuotedKeyWithDotsIsNoPath) {
    EXPECT_TRUE(only_error("[logging]\n[capabilities]\n'secrets_manager.http_port' = 8080")
                    .starts_with("f:3:1: capabilities.secrets_manager.http_port: unknown field"));
    EXPECT_TRUE(only_error("[logging]\n[prefetch]").contains(kMix));
    EXPECT_TRUE(only_error("'prefetch.secrets' = 1\n[logging]").starts_with("f:1:1: prefetch.secrets: unknown field"));
    EXPECT_TRUE(only_error("'' = 1\n[logging]").starts_with("f:1:1: unknown field ``"));
    EXPECT_TRUE(only_error("'prefetch.max_jitter_seconds' = 1").contains("unknown field"));
    EXPECT_TRUE(only_error("[capabilities]\n'' = 1").starts_with("f:2:1: capabilities.: unknown field ``"));
    EXPECT_TRUE(only_error("'' = 1").starts_with("f:1:1: unknown field ``"));
}

TEST(UnknownKeyTest, LongAndStrangeNamesAreMadePrintable) {
    const std::string message = only_error(fmt::format("\"{}\\u001b[2J\" = 1", std::string(30, 'x')));
    EXPECT_TRUE(message.contains(std::string(30, 'x') + "\\x1b[2J")) << message;
    EXPECT_FALSE(only_error(std::string(5000, 'y') + " = 1").contains(std::string(81, 'y')));
    EXPECT_FALSE(only_error("log_level = '" + std::string(5000, 'y') + "'").contains(std::string(81, 'y')));
    EXPECT_FALSE(only_error("http_port = '" + std::string(5000, 'y') + "'").contains(std::string(81, 'y')));
}

// --- Prefetch lists and the certificate manager

TEST(PrefetchTest, RecordsAreChecked) {
    EXPECT_EQ(failure("[prefetch]\nsecrets = [{ role_arn = 'r' }, { secret_id = 1, rolearn = 'r' }, 'x']\n"
                      "filter_tags = [{ name = 'k' }]"),
              "Configuration validation failed with 6 error(s):\n"
              "  1. f:2:12: prefetch.secrets[0]: missing field `secret_id`\n"
              "  2. f:2:46: prefetch.secrets[1].secret_id: invalid type: integer `1`, expected a string\n"
              "  3. f:2:49: prefetch.secrets[1].rolearn: unknown field `rolearn` (did you mean 'role_arn'?)\n"
              "  4. f:2:66: prefetch.secrets[2]: invalid type: string \"x\", expected a map\n"
              "  5. f:3:16: prefetch.filter_tags[0]: missing field `key`\n"
              "  6. f:3:18: prefetch.filter_tags[0].name: unknown field `name` (expected one of `key`, `role_arn`)");
    EXPECT_EQ(only_error("[prefetch]\nsecrets = 'x'"),
              "f:2:11: prefetch.secrets: invalid type: string \"x\", expected a sequence");
    EXPECT_EQ(only_error("[prefetch]\nsecret = []"),
              "f:2:1: prefetch.secret: unknown field `secret` (did you mean 'secrets'?)");
    EXPECT_EQ(only_error("prefetch = true"), "f:1:12: prefetch: invalid type: boolean `true`, expected a map");
}

TEST(PrefetchTest, IdsAreNotJudged) {
    const Config config = parsed("[prefetch]\nsecrets = [{ secret_id = '', role_arn = 'not an arn' }]");
    EXPECT_EQ(config.prefetch.secrets, (std::vector<PrefetchSecret>{{"", "not an arn"}}));
}

TEST(CertificateTest, TheSectionIsKnownAndWarnedAbout) {
    const Strings warning{"f:1:15: capabilities.acm: certificates are not supported by this agent; ignored"};
    EXPECT_EQ(tolerated("[capabilities.acm]", warning), Config{});
    EXPECT_EQ(tolerated(R"([capabilities.acm]
enabled = true
default_certificate_permission = { mode = "0644" }
default_key_permission = { mode = "0600" }
[[capabilities.acm.certificates]]
certificate_arn = "arn"
certificate_path = "/c"
private_key_path = "/k"
role_arn = "arn"
chain_path = "/chain"
refresh_command = "true"
certificate_and_chain_permission = { mode = "0644" }
key_permission = { mode = "0600" }
)",
                        warning),
              Config{});
}

TEST(CertificateTest, TypesThereAreChecked) {
    EXPECT_EQ(
        failure("[capabilities.acm]\nenabled = 'yes'\ndefault_key_permission = { mode = 0o600 }\n"),
        "Configuration validation failed with 2 error(s):\n"
        "  1. f:2:11: capabilities.acm.enabled: invalid type: string \"yes\", expected a boolean\n"
        "  2. f:3:35: capabilities.acm.default_key_permission.mode: invalid type: integer `384`, expected a string");
}

TEST(CertificateTest, UnknownKeysThereAreErrors) {
    EXPECT_EQ(failure("[capabilities.acm]\nenable = true\ncertificates = [{ path = 1, certificate_path = 2 }]\n"),
              "Configuration validation failed with 3 error(s):\n"
              "  1. f:2:1: capabilities.acm.enable: unknown field `enable` (did you mean 'enabled'?)\n"
              "  2. f:3:19: capabilities.acm.certificates[0].path: unknown field `path` "
              "(did you mean 'chain_path'?)\n"
              "  3. f:3:48: capabilities.acm.certificates[0].certificate_path: invalid type: integer `2`, expected a "
              "string");
}

}  // namespace
}  // namespace sma::config
