// SPDX-License-Identifier: Apache-2.0
#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/random.hpp"
#include "base/result.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>

namespace sma {
namespace {

TEST(ErrorTest, DescribesKindMessageAndHint) {
    const Error error = Error(ErrorKind::System, "cannot read x").with_hint("create it");
    EXPECT_EQ(error.describe(), "System: cannot read x (create it)");
}

TEST(ErrorTest, ServiceErrorKeepsCodeAndStatus) {
    const Error error = Error::service("ResourceNotFoundException", "no such secret", 400);
    EXPECT_EQ(error.kind(), ErrorKind::Service);
    EXPECT_EQ(error.describe(), "ResourceNotFoundException (HTTP 400): no such secret");
}

TEST(ErrorTest, ContextComesFirst) {
    EXPECT_EQ(Error(ErrorKind::Internal, "b").with_context("a").message(), "a: b");
}

TEST(ErrorTest, OsErrorsReadAsTheReferenceSpellsThem) {
    EXPECT_EQ(os_error_text(2), "No such file or directory (os error 2)");
}

TEST(ResultTest, HoldsAValueOrAnError) {
    const Result<int> good = 3;
    const Result<int> bad = fail(ErrorKind::Timeout, "too slow");
    ASSERT_TRUE(good);
    EXPECT_EQ(*good, 3);
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().kind(), ErrorKind::Timeout);
}

TEST(ClockTest, SteadyTimeDoesNotGoBack) {
    const SteadyTime first = Clock::system().steady_now();
    EXPECT_GE(Clock::system().steady_now(), first);
}

TEST(RandomTest, UuidsAreVersionFourAndDiffer) {
    const std::regex form("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
        const std::string uuid = random_uuid();
        EXPECT_TRUE(std::regex_match(uuid, form)) << uuid;
        EXPECT_TRUE(seen.insert(uuid).second);
    }
}

TEST(FileTest, ReadsWholeFilesAndRefusesLongOnes) {
    const auto path = std::filesystem::path(::testing::TempDir()) / "sma_file_test";
    std::ofstream(path) << std::string(10'000, 'x');
    const Result<std::string> text = read_file(path);
    ASSERT_TRUE(text);
    EXPECT_EQ(text->size(), 10'000U);
    const Result<std::string> refused = read_file(path, 9'999);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message().find("larger than 9999 bytes"), std::string::npos);
    std::filesystem::remove(path);
}

TEST(FileTest, NamesThePathAndTheReason) {
    const Result<std::string> missing = read_file("/nonexistent/file");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().message(), "cannot read /nonexistent/file: No such file or directory (os error 2)");
    EXPECT_EQ(why_unreadable("/nonexistent"), "No such file or directory (os error 2)");
    EXPECT_EQ(why_unreadable("/proc"), "Is a directory (os error 21)");
    EXPECT_EQ(why_unreadable("/proc/version"), "");
}

}  // namespace
}  // namespace sma
