// SPDX-License-Identifier: Apache-2.0
#include "base/toml_guard.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sma {
namespace {

std::string repeated(std::string_view part, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i)
        out += part;
    return out;
}

TEST(TomlGuardTest, OrdinaryNestingPasses) {
    EXPECT_FALSE(find_deep_toml(""));
    EXPECT_FALSE(find_deep_toml("[a.b.c]\nd.e = [{f = [1, 2]}]\n"));
    EXPECT_FALSE(find_deep_toml("a = " + repeated("[", kMostTomlNesting) + repeated("]", kMostTomlNesting)));
    EXPECT_FALSE(find_deep_toml(repeated("a.", kMostTomlDots) + "a = 1"));
    EXPECT_FALSE(find_deep_toml(repeated("[a.b]\nx.y = [1.5, 2.5]\n", 1000))) << "neither adds up over lines";
    EXPECT_FALSE(find_deep_toml("]]]}}} = 1")) << "closing too often is the parser's matter";
}

TEST(TomlGuardTest, DeepValuesAndKeysAreFoundWhereTheyBecomeTooDeep) {
    EXPECT_EQ(find_deep_toml("x = 1\na = " + repeated("[", 10000)),
              (TextPlace{.line = 2, .column = 5 + kMostTomlNesting}));
    EXPECT_EQ(find_deep_toml(repeated("a.", 10000) + "a = 1"),
              (TextPlace{.line = 1, .column = 2 * (kMostTomlDots + 1)}));
    EXPECT_TRUE(find_deep_toml("[" + repeated("a.", 10000) + "a]"));
    EXPECT_TRUE(find_deep_toml("[[" + repeated("'a'.", 10000) + "a]]"));
    EXPECT_TRUE(find_deep_toml("a = " + repeated("{a=", 10000)));
    EXPECT_TRUE(find_deep_toml("a = " + repeated("[\n", 10000)));
}

TEST(TomlGuardTest, StringsAndCommentsDoNotCount) {
    const std::string dots = repeated(".[", 50);
    for (const std::string& text :
         {"a = \"" + dots + "\"", "a = '" + dots + "'", "a = \"\"\"" + dots + "\n" + dots + "\"\"\"",
          "a = '''" + dots + "\n" + dots + "'''", "# " + dots, "a = \"\\\"" + dots + "\"",
          "a = \"\"\"\\\"\"\"" + dots + "\"\"\"\"\"", "a = ''''" + dots + "'''''", "# don't\na = '" + dots + "'"}) {
        EXPECT_FALSE(find_deep_toml(text)) << text;
        EXPECT_TRUE(find_deep_toml(text + "\nb = " + dots)) << text;
    }
}

TEST(TomlGuardTest, OpenStringsEnd) {
    for (const std::string_view text : {"\"", "'", "\"\"\"", "'''", "\"\\", "\"\"\"\\", "'\n", "\"\n", "\"\"", "#"}) {
        EXPECT_FALSE(find_deep_toml(text)) << text;
    }
}

}  // namespace
}  // namespace sma
