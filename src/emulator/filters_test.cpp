// SPDX-License-Identifier: Apache-2.0
#include "emulator/filters.hpp"

#include <gtest/gtest.h>

namespace sma::emulator {
namespace {

class FiltersTest : public ::testing::Test {
protected:
    FiltersTest() {
        secret_.name = "prod/Orders/db-main";
        secret_.description = "Main database of the Order service";
        secret_.tags = {{"team", "Payments"}, {"stage", "production"}};
    }
    bool match(const std::string& key, std::vector<std::string> values) {
        return matches(secret_, "eu-west-1", {{key, std::move(values)}});
    }
    Secret secret_;
};

TEST_F(FiltersTest, NameIsAPrefixWithCase) {
    EXPECT_TRUE(match("name", {"prod/"}));
    EXPECT_TRUE(match("name", {"prod/Orders/db-main"}));
    EXPECT_FALSE(match("name", {"Prod/"}));
    EXPECT_FALSE(match("name", {"Orders"}));
}

TEST_F(FiltersTest, AnyValueIsEnoughAndAllFiltersAreNeeded) {
    EXPECT_TRUE(match("name", {"test/", "prod/"}));
    EXPECT_TRUE(matches(secret_, "r", {{"name", {"prod/"}}, {"tag-key", {"team"}}}));
    EXPECT_FALSE(matches(secret_, "r", {{"name", {"prod/"}}, {"tag-key", {"other"}}}));
    EXPECT_TRUE(matches(secret_, "r", {}));
}

TEST_F(FiltersTest, AnExclamationMarkNegates) {
    EXPECT_FALSE(match("name", {"!prod/"}));
    EXPECT_TRUE(match("name", {"!test/"}));
    EXPECT_FALSE(match("tag-key", {"!team"}));
    EXPECT_TRUE(match("tag-key", {"!owner"}));
    EXPECT_FALSE(match("all", {"!orders"}));
}

TEST_F(FiltersTest, TagsArePrefixesWithCase) {
    EXPECT_TRUE(match("tag-key", {"te"}));
    EXPECT_FALSE(match("tag-key", {"TE"}));
    EXPECT_TRUE(match("tag-value", {"Pay"}));
    EXPECT_FALSE(match("tag-value", {"pay"}));
    EXPECT_TRUE(match("tag-value", {"prod"}));
}

TEST_F(FiltersTest, DescriptionMatchesWordsInAnyCase) {
    EXPECT_TRUE(match("description", {"main"}));
    EXPECT_TRUE(match("description", {"MAIN database"}));
    EXPECT_TRUE(match("description", {"serv"}));
    EXPECT_FALSE(match("description", {"main cache"}));
    EXPECT_FALSE(match("description", {"ain"}));
}

TEST_F(FiltersTest, AllLooksEverywhere) {
    EXPECT_TRUE(match("all", {"orders"}));
    EXPECT_TRUE(match("all", {"payments"}));
    EXPECT_TRUE(match("all", {"Stage"}));
    EXPECT_TRUE(match("all", {"order service"}));
    EXPECT_FALSE(match("all", {"unheard"}));
    EXPECT_FALSE(match("all", {""}));
}

TEST_F(FiltersTest, RegionAndOwner) {
    EXPECT_TRUE(match("primary-region", {"eu-"}));
    EXPECT_FALSE(match("primary-region", {"us-"}));
    EXPECT_FALSE(match("owning-service", {"rds"}));
    EXPECT_TRUE(match("owning-service", {"!rds"}));
}

}  // namespace
}  // namespace sma::emulator
