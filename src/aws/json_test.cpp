// SPDX-License-Identifier: Apache-2.0
#include "aws/json.hpp"
#include "base/secret_memory.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <string>

namespace sma::aws {
namespace {

double number(std::string_view text) {
    return parse_json(text).value().to_number<double>();
}

TEST(JsonTest, NumbersAreTheNearestDouble) {
    EXPECT_EQ(number("1569534789.046"), 1569534789.046);
    EXPECT_EQ(number("1.569534789046E9"), 1569534789.046);
    EXPECT_EQ(number("1.569534789046e+9"), 1569534789.046);
    EXPECT_EQ(number("1523477145"), 1523477145.0);
    EXPECT_EQ(number("1523477145.5"), 1523477145.5);
    EXPECT_EQ(number("-0.1"), -0.1);
    EXPECT_EQ(number("9007199254740993.0"), 9007199254740992.0);
    EXPECT_EQ(number("5e-324"), 5e-324);
    EXPECT_EQ(number("1e-400"), 0.0);
    EXPECT_EQ(number("0.30000000000000004"), 0.30000000000000004);
}

TEST(JsonTest, ReadsWhatAWSSends) {
    const auto value = parse_json(R"({"a":"x\u00e9\n\"","b":[1,true,null],"c":{"d":"\ud83d\ude00"}})");
    ASSERT_TRUE(value);
    EXPECT_EQ(value->at("a").as_string(), "x\xc3\xa9\n\"");
    EXPECT_EQ(value->at("b").as_array().size(), 3U);
    EXPECT_EQ(value->at("c").at("d").as_string(), "\xf0\x9f\x98\x80");
    EXPECT_TRUE(parse_json(" {} \n"));
}

TEST(JsonTest, RefusesWhatIsNotOneDocument) {
    for (const char* const text :
         {"", "  ", "{", "{}x", "{} {}", "[1,]", "{\"a\":1,}", "01", "nul", "\"\x01\"", "\"\\u12\"", "\"\xff\"",
          "// c\n{}", "NaN", "-", "1e", "{\"a\" 1}", "1e400", "-1e400"}) {
        const auto value = parse_json(text);
        ASSERT_FALSE(value) << text;
        EXPECT_EQ(value.error().kind(), ErrorKind::BadAnswer);
    }
}

TEST(JsonTest, LimitsDepth) {
    const auto nested = [](std::size_t n) { return std::string(n, '[') + std::string(n, ']'); };
    EXPECT_TRUE(parse_json(nested(kJsonDepth)));
    EXPECT_FALSE(parse_json(nested(kJsonDepth + 1)));
    EXPECT_FALSE(parse_json(std::string(100'000, '[')));
}

TEST(JsonTest, AnErrorNamesTheOffsetAndNotTheText) {
    const auto value = parse_json(R"({"SecretString":"hunter2" oops})");
    ASSERT_FALSE(value);
    EXPECT_EQ(value.error().message().find("hunter2"), std::string::npos);
    EXPECT_NE(value.error().message().find("byte 26"), std::string::npos) << value.error().message();
}

TEST(JsonTest, LivesInSecretMemoryAndLeavesIt) {
    const std::size_t before = secret_memory::bytes_in_use();
    {
        const auto value = parse_json("[\"" + std::string(100'000, 'x') + "\"]");
        ASSERT_TRUE(value);
        EXPECT_GE(secret_memory::bytes_in_use(), before + 100'000);
    }
    EXPECT_EQ(secret_memory::bytes_in_use(), before);
    EXPECT_FALSE(parse_json("[\"" + std::string(100'000, 'x') + "\\n"));
    EXPECT_EQ(secret_memory::bytes_in_use(), before);
}

}  // namespace
}  // namespace sma::aws
