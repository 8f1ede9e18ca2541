// SPDX-License-Identifier: Apache-2.0
#include "aws/credentials/file.hpp"
#include "aws/test_support.hpp"

#include <gtest/gtest.h>

#include <memory>

#include <sys/stat.h>

namespace sma::aws {
namespace {

using namespace std::chrono_literals;
using testing::run_on;
using testing::TempDirectory;
namespace fs = std::filesystem;

std::string keys(const std::string& name) {
    return "[default]\naws_access_key_id = " + name + "\naws_secret_access_key = S\naws_session_token = T\n";
}

class CredentialsFileTest : public ::testing::Test {
protected:
    CredentialsFileTest() { loop_.start(); }
    ~CredentialsFileTest() override {
        loop_.stop();
        provider_.reset();
    }
    void open(const fs::path& path, LongTermKeys long_term = LongTermKeys::Refused, std::string profile = "default") {
        const auto close = [](std::unique_ptr<CredentialsFileProvider>& provider) -> io::Task<void> {
            provider.reset();  // on the loop, where it lives
            co_return;
        };
        run_on(loop_, close(provider_));
        provider_ = std::make_unique<CredentialsFileProvider>(
            CredentialsFileOptions{path, std::move(profile), long_term}, loop_.executor(), offload_);
    }
    std::string get() {
        const Result<CredentialsPtr> got = run_on(loop_, provider_->get());
        if (!got) return got.error().message();
        return *got ? (*got)->access_key_id : "none";
    }
    // Waits until get() gives `wanted`, at most two seconds.
    std::string eventually(const std::string& wanted) {
        std::string got;
        for (int i = 0; i < 200 && (got = get()) != wanted; ++i)
            std::this_thread::sleep_for(10ms);
        return got;
    }
    void replace(const std::string& name, std::string_view text) const {
        directory_.write(name + ".new", text);
        fs::rename(directory_.path() / (name + ".new"), directory_.path() / name);
    }
    TempDirectory directory_;
    io::EventLoop loop_{"file-test"};
    io::Offload offload_;
    std::unique_ptr<CredentialsFileProvider> provider_;
};

TEST_F(CredentialsFileTest, IsReadAtOnceAndWhenItChanges) {
    const fs::path path = directory_.write("c", keys("A"));
    open(path);
    EXPECT_EQ(get(), "A");
    directory_.write("c", keys("B"));
    EXPECT_EQ(eventually("B"), "B");
    replace("c", keys("C"));
    EXPECT_EQ(eventually("C"), "C");
}

TEST_F(CredentialsFileTest, AFailedReloadKeepsTheOldOnes) {
    const fs::path path = directory_.write("c", keys("A"));
    open(path);
    replace("c", "junk");
    run_on(loop_, io::sleep_for(200ms));
    EXPECT_EQ(get(), "A");
    fs::remove(path);
    run_on(loop_, io::sleep_for(200ms));
    EXPECT_EQ(get(), "A");
    replace("c", "[default]\naws_access_key_id=L\naws_secret_access_key=S\n");
    run_on(loop_, io::sleep_for(200ms));
    EXPECT_EQ(get(), "A");
    replace("c", keys("B"));
    EXPECT_EQ(eventually("B"), "B");
}

TEST_F(CredentialsFileTest, MayAppearLaterWithItsDirectories) {
    const fs::path path = directory_.path() / "x" / "y" / "c";
    open(path);
    EXPECT_NE(get().find("No such file"), std::string::npos);
    fs::create_directories(path.parent_path());
    directory_.write("x/y/c", keys("A"));
    EXPECT_EQ(eventually("A"), "A");
    fs::remove_all(directory_.path() / "x");
    run_on(loop_, io::sleep_for(150ms));
    EXPECT_EQ(get(), "A");
    fs::create_directories(path.parent_path());
    directory_.write("x/y/c", keys("B"));
    EXPECT_EQ(eventually("B"), "B");
}

TEST_F(CredentialsFileTest, FollowsSwappedLinks) {
    // As Kubernetes mounts a secret: c -> ..data/c, ..data -> ..1
    fs::create_directories(directory_.path() / "..1");
    fs::create_directories(directory_.path() / "..2");
    directory_.write("..1/c", keys("A"));
    directory_.write("..2/c", keys("B"));
    fs::create_symlink("..1", directory_.path() / "..data");
    fs::create_symlink("..data/c", directory_.path() / "c");
    open(directory_.path() / "c");
    EXPECT_EQ(get(), "A");
    fs::create_symlink("..2", directory_.path() / "..data_tmp");
    fs::rename(directory_.path() / "..data_tmp", directory_.path() / "..data");
    fs::remove_all(directory_.path() / "..1");
    EXPECT_EQ(eventually("B"), "B");
    // Written where the links lead.
    directory_.write("..2/c", keys("C"));
    EXPECT_EQ(eventually("C"), "C");
}

TEST_F(CredentialsFileTest, LongTermKeysAreRefusedUnlessAllowed) {
    const fs::path path = directory_.write("c", "[default]\naws_access_key_id=L\naws_secret_access_key=S\n");
    open(path);
    EXPECT_NE(get().find("long-term"), std::string::npos);
    open(path, LongTermKeys::Allowed);
    EXPECT_EQ(get(), "L");
}

TEST_F(CredentialsFileTest, ReadsTheNamedProfile) {
    const fs::path path =
        directory_.write("c", keys("A") + "[p]\naws_access_key_id=P\naws_secret_access_key=S\naws_session_token=T\n");
    open(path, LongTermKeys::Refused, "p");
    EXPECT_EQ(get(), "P");
    open(path, LongTermKeys::Refused, "q");
    EXPECT_NE(get().find("no profile [q]"), std::string::npos);
}

TEST_F(CredentialsFileTest, ErrorsAreNoCredentialsAndSayNoSecret) {
    open(directory_.write("c", "[default]\naws_secret_access_key hunter2\n"));
    const Result<CredentialsPtr> got = run_on(loop_, provider_->get());
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().kind(), ErrorKind::NoCredentials);
    EXPECT_EQ(got.error().describe().find("hunter2"), std::string::npos);
}

TEST_F(CredentialsFileTest, APipeIsRefusedAndDoesNotBlock) {
    const fs::path path = directory_.path() / "pipe";
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    open(path);
    EXPECT_EQ(get(), "cannot read " + path.string() + ": not a regular file");
}

TEST_F(CredentialsFileTest, AStoppedOneLetsTheLoopEnd) {
    open(directory_.write("c", keys("A")));
    const auto stop = [](CredentialsFileProvider& provider) -> io::Task<void> {
        provider.stop();
        co_return;
    };
    run_on(loop_, stop(*provider_));
    EXPECT_TRUE(loop_.drain(5s));
}

}  // namespace
}  // namespace sma::aws
