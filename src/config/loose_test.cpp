// SPDX-License-Identifier: Apache-2.0
#include "config/loose.hpp"

#include <gtest/gtest.h>

namespace sma::config {
namespace {

TEST(LooseNumberTest, DecimalDigitsArePlain) {
    for (const std::string_view text : {"8080", "+8080", "08080", "+0008080"}) {
        const std::optional<LooseNumber> number = parse_loose_number(text);
        ASSERT_TRUE(number) << text;
        EXPECT_EQ(number->value, 8080) << text;
        EXPECT_TRUE(number->plain) << text;
    }
    EXPECT_EQ(parse_loose_number("0")->value, 0);
    EXPECT_EQ(parse_loose_number("+0")->value, 0);
}

TEST(LooseNumberTest, HexadecimalAndSeparatorsAreAcceptedButNotPlain) {
    for (const std::string_view text : {"0x1F90", "0X1f90", "8_080", "+8_0_8_0", "0x1f_90"}) {
        const std::optional<LooseNumber> number = parse_loose_number(text);
        ASSERT_TRUE(number) << text;
        EXPECT_EQ(number->value, 8080) << text;
        EXPECT_FALSE(number->plain) << text;
    }
}

TEST(LooseNumberTest, OtherTextIsNoNumber) {
    for (const std::string_view text : {"",
                                        "+",
                                        "-1",
                                        "-0",
                                        "+-1",
                                        "++1",
                                        " 1",
                                        "1 ",
                                        "1.0",
                                        "abc",
                                        "1a",
                                        "0x",
                                        "0xg",
                                        "_1",
                                        "1_",
                                        "1__0",
                                        "0x-1",
                                        "1e3",
                                        "99999999999999999999",
                                        "0xffffffffffffffff"}) {
        EXPECT_FALSE(parse_loose_number(text)) << text;
    }
}

TEST(LooseBooleanTest, KnowsTheWordsInAnyLetterCase) {
    for (const std::string_view text : {"true", "TRUE", "on", "On", "yes", "YES", "1"}) {
        EXPECT_EQ(parse_loose_boolean(text), true) << text;
    }
    for (const std::string_view text : {"false", "False", "off", "OFF", "no", "nO", "0"}) {
        EXPECT_EQ(parse_loose_boolean(text), false) << text;
    }
    for (const std::string_view text : {"", "maybe", "2", " yes", "y", "01"}) {
        EXPECT_EQ(parse_loose_boolean(text), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace sma::config
