// SPDX-License-Identifier: Apache-2.0
#include "config/load.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sma::config {
namespace {

std::string repeated(std::string_view part, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i)
        out += part;
    return out;
}

TEST(GuardTest, HostileDepthIsAnErrorAndNoCrash) {
    constexpr std::size_t deep = 10000;
    for (const std::string& text :
         {"a = " + repeated("[", deep) + repeated("]", deep),
          "a = " + repeated("{a=", deep) + "1" + repeated("}", deep), repeated("a.", 500000) + "a = 1",
          "[" + repeated("a.", 500000) + "a]", "a = " + repeated("[{a.a.a.a=", deep) + "1"}) {
        const Result<Loaded> loaded = parse(text, "deep.toml");
        ASSERT_FALSE(loaded);
        EXPECT_EQ(loaded.error().kind(), ErrorKind::InvalidInput);
        EXPECT_TRUE(loaded.error().message().ends_with("nested more than 16 deep")) << loaded.error().message();
    }
}

}  // namespace
}  // namespace sma::config
