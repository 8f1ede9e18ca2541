// SPDX-License-Identifier: Apache-2.0
#include "config/report.hpp"

#include <gtest/gtest.h>

#include <array>

namespace sma::config {
namespace {

TEST(ReportTest, TellsErrorsInTheOrderOfTheFile) {
    Report report("agent.toml");
    EXPECT_TRUE(report.ok());
    report.error({.line = 3, .column = 1}, "b", "wrong", "Got: 1");
    report.error({.line = 2, .column = 9}, "a", "bad");
    report.error({.line = 2, .column = 1}, "", "no field");
    EXPECT_FALSE(report.ok());
    EXPECT_EQ(report.failure(), "Configuration validation failed with 3 error(s):\n"
                                "  1. agent.toml:2:1: no field\n"
                                "  2. agent.toml:2:9: a: bad\n"
                                "  3. agent.toml:3:1: b: wrong (Got: 1)");
}

TEST(ReportTest, WarningsAreNoErrors) {
    Report report("a");
    report.warn({.line = 2, .column = 1}, "y", "later");
    report.warn({.line = 1, .column = 1}, "x", "sooner");
    EXPECT_TRUE(report.ok());
    EXPECT_EQ(report.warnings(), (std::vector<std::string>{"a:1:1: x: sooner", "a:2:1: y: later"}));
}

TEST(ReportTest, LongListsAreCut) {
    Report report("a");
    for (std::uint32_t line = 1; line <= 150; ++line)
        report.error({.line = line}, "f", "m");
    const std::string text = report.failure();
    EXPECT_TRUE(text.starts_with("Configuration validation failed with 150 error(s):\n")) << text;
    EXPECT_TRUE(text.ends_with("\n  100. a:100:1: f: m\n  101. a: and 50 more")) << text;
}

TEST(PrintableTest, EscapesControlCharacters) {
    EXPECT_EQ(printable("a\nb\x1b[0m\x7f"), R"(a\x0ab\x1b[0m\x7f)");
    EXPECT_EQ(printable("caf\xC3\xA9 \xC2\x9B!"), "caf\xC3\xA9 \\x9b!");
    EXPECT_EQ(printable(std::string_view("\0", 1)), R"(\x00)");
    EXPECT_EQ(printable(""), "");
}

TEST(PrintableTest, CutsLongTextBetweenCharacters) {
    EXPECT_EQ(printable(std::string(80, 'a')), std::string(80, 'a'));
    EXPECT_EQ(printable(std::string(81, 'a')), std::string(80, 'a') + "...");
    EXPECT_EQ(printable("abc\xC3\xA9", 4), "abc...");
    EXPECT_EQ(printable("\xC3\xA9", 1), "...");
}

TEST(NearestTest, FindsMisspeltAndPartialNames) {
    constexpr std::array<std::string_view, 6> names{"http_port", "ttl_seconds", "cache_size",
                                                    "max_conn",  "max_roles",   "log_level"};
    EXPECT_EQ(nearest("htp_port", names), "http_port");
    EXPECT_EQ(nearest("HTTP-PORT", names), "http_port");
    EXPECT_EQ(nearest("port", names), "http_port");
    EXPECT_EQ(nearest("ttl", names), "ttl_seconds");
    EXPECT_EQ(nearest("ttl_second", names), "ttl_seconds");
    EXPECT_EQ(nearest("max_connections", names), "max_conn");
    EXPECT_EQ(nearest("max_role", names), "max_roles");
    EXPECT_EQ(nearest("loglevel", names), "log_level");
    EXPECT_EQ(nearest("foo", names), "");
    EXPECT_EQ(nearest("", names), "");
    EXPECT_EQ(nearest(std::string(100, 'x') + "http_port", names), "");
    EXPECT_EQ(nearest("http_port", {}), "");
}

}  // namespace
}  // namespace sma::config
