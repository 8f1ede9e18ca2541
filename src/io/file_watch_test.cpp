// SPDX-License-Identifier: Apache-2.0
#include "io/file_watch.hpp"
#include "io/timer.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace sma::io {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class FileWatchTest : public ::testing::Test {
protected:
    void SetUp() override {
        fs::remove_all(root_);
        fs::create_directories(root_);
    }
    void TearDown() override {
        watch_.reset();
        context_.restart();
        context_.run_for(10ms);
        fs::remove_all(root_);
    }
    void watch(const fs::path& path) {
        watch_ = std::make_unique<FileWatch>(context_.get_executor(), path, [this] { ++changes_; });
        context_.poll();
    }
    static void write(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }
    // Runs until one more change was noticed, or for two seconds.
    bool noticed() {
        const int before = changes_;
        const auto until = std::chrono::steady_clock::now() + 2s;
        while (changes_ == before && std::chrono::steady_clock::now() < until) {
            context_.restart();
            context_.run_for(10ms);
        }
        return changes_ > before;
    }

    asio::io_context context_{1};
    fs::path root_ = fs::path(::testing::TempDir()) / "sma_file_watch_test";
    std::unique_ptr<FileWatch> watch_;
    int changes_ = 0;
};

TEST_F(FileWatchTest, SeesWritesReplacementsAndDeletions) {
    write(root_ / "f", "one");
    watch(root_ / "f");
    write(root_ / "f", "three");
    EXPECT_TRUE(noticed());
    write(root_ / "f.new", "four");
    fs::rename(root_ / "f.new", root_ / "f");
    EXPECT_TRUE(noticed());
    fs::remove(root_ / "f");
    EXPECT_TRUE(noticed());
    write(root_ / "f", "five");
    EXPECT_TRUE(noticed());
}

TEST_F(FileWatchTest, SeesAFileThatAppearsInADirectoryThatAppears) {
    watch(root_ / "later" / "still" / "f");
    fs::create_directories(root_ / "later");
    fs::create_directories(root_ / "later" / "still");
    write(root_ / "later" / "still" / "f", "x");
    EXPECT_TRUE(noticed());
}

TEST_F(FileWatchTest, SeesTheLinkSwapOfAMountedVolume) {
    fs::create_directory(root_ / "..1");
    fs::create_directory(root_ / "..2");
    write(root_ / "..1" / "token", "one");
    write(root_ / "..2" / "token", "two");
    fs::create_directory_symlink("..1", root_ / "..data");
    fs::create_symlink("..data/token", root_ / "token");
    watch(root_ / "token");
    fs::create_directory_symlink("..2", root_ / "..tmp");
    fs::rename(root_ / "..tmp", root_ / "..data");
    EXPECT_TRUE(noticed());
}

TEST_F(FileWatchTest, IgnoresItsNeighbours) {
    write(root_ / "f", "one");
    watch(root_ / "f");
    write(root_ / "g", "two");
    write(root_ / "f", "changed");
    EXPECT_TRUE(noticed());
    EXPECT_EQ(changes_, 1);
}

}  // namespace
}  // namespace sma::io
