// SPDX-License-Identifier: Apache-2.0
#include "base/log.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace sma {
namespace {

class LogTest : public ::testing::Test {
protected:
    void SetUp() override { std::filesystem::remove_all(directory_); }
    void TearDown() override {
        log::stop();
        std::filesystem::remove_all(directory_);
    }
    [[nodiscard]] std::string text() const {
        std::ifstream file(directory_ / "secrets_manager_agent.log");
        std::stringstream all;
        all << file.rdbuf();
        return all.str();
    }
    std::filesystem::path directory_ = std::filesystem::path(::testing::TempDir()) / "sma_log_test";
};

TEST_F(LogTest, WritesTheReferencesLineForm) {
    log::start({.level = log::Level::Info, .to_file = true, .directory = directory_});
    log::error("server", "Rejecting request with {}", "reason");
    log::stop();
    const std::regex form(
        R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}[+-]\d\d:\d\d ERROR server - Rejecting request with reason\n)");
    EXPECT_TRUE(std::regex_match(text(), form)) << text();
}

TEST_F(LogTest, LevelsFilterAndChange) {
    log::start({.level = log::Level::Warn, .to_file = true, .directory = directory_});
    log::info("x", "hidden");
    log::warn("x", "shown");
    log::set_level(log::Level::Debug);
    log::debug("x", "now shown");
    log::set_level(log::Level::None);
    log::error("x", "never");
    log::stop();
    EXPECT_EQ(text().find("hidden"), std::string::npos);
    EXPECT_NE(text().find("WARN x - shown"), std::string::npos);
    EXPECT_NE(text().find("DEBUG x - now shown"), std::string::npos);
    EXPECT_EQ(text().find("never"), std::string::npos);
}

TEST_F(LogTest, NobodyCanForgeALine) {
    log::start({.level = log::Level::Info, .to_file = true, .directory = directory_});
    log::info("x", "id {}", "a\n2026-01-01 ERROR forged\x1b[2J");
    log::stop();
    EXPECT_NE(text().find(R"(id a\x0a2026-01-01 ERROR forged\x1b[2J)"), std::string::npos) << text();
}

TEST_F(LogTest, AFileThatCannotBeWrittenIsNotFatal) {
    std::ofstream(directory_.string()) << "a file where the directory should be";
    ::testing::internal::CaptureStderr();
    log::start({.level = log::Level::Info, .to_file = true, .directory = directory_});
    log::info("x", "still logged");
    log::stop();
    const std::string captured = ::testing::internal::GetCapturedStderr();
    EXPECT_NE(captured.find("warning: cannot write the log file"), std::string::npos) << captured;
    EXPECT_NE(captured.find("INFO x - still logged"), std::string::npos) << captured;
}

TEST_F(LogTest, ConsoleLinesWaitForTheStartLine) {
    ::testing::internal::CaptureStdout();
    log::start({.level = log::Level::Info, .to_file = false});
    log::info("x", "early");
    std::fputs("START\n", stdout);
    std::fflush(stdout);
    log::release_console();
    log::info("x", "late");
    log::stop();
    const std::string out = ::testing::internal::GetCapturedStdout();
    EXPECT_EQ(out.find("START"), 0U) << out;
    EXPECT_NE(out.find("early"), std::string::npos);
    EXPECT_NE(out.find("late"), std::string::npos);
}

TEST_F(LogTest, SaysThatLinesWereLost) {
    log::start({.level = log::Level::Info, .to_file = true, .directory = directory_});
    {
        std::vector<std::jthread> many;  // faster together than the one that writes
        for (int i = 0; i < 8; ++i) {
            many.emplace_back([] {
                for (int n = 0; n < 5'000; ++n)
                    log::info("x", "a line of a burst");
            });
        }
    }
    log::stop();
    EXPECT_NE(text().find("WARN log - "), std::string::npos);
}

TEST_F(LogTest, RollsAndKeepsFiveFiles) {
    log::start({.level = log::Level::Info, .to_file = true, .directory = directory_});
    const std::string line(64 * 1024, 'x');
    for (int i = 0; i < 7 * 160; ++i) {
        log::info("x", "{}", line);
        if (i % 200 == 199) {  // the queue drops what it cannot hold: restart the log to drain it
            log::stop();
            log::start({.level = log::Level::Info, .to_file = true, .directory = directory_});
        }
    }
    log::stop();
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
        ++files;
        EXPECT_LE(entry.file_size(), 10U * 1024 * 1024);
    }
    EXPECT_EQ(files, 5U);
}

}  // namespace
}  // namespace sma
