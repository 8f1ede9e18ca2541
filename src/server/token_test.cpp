// SPDX-License-Identifier: Apache-2.0
#include "eventually.hpp"
#include "io/event_loop.hpp"
#include "server/token.hpp"

#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include <fstream>
#include <future>
#include <map>

#include <unistd.h>

namespace sma::server {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kHeaders = {"X-Aws-Parameters-Secrets-Token", "X-Vault-Token"};
const std::vector<std::string> kVariables = {"AWS_TOKEN", "AWS_SESSION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN"};
const std::string kContext = "Could not read SSRF token variable(s) [\"AWS_TOKEN\", \"AWS_SESSION_TOKEN\", "
                             "\"AWS_CONTAINER_AUTHORIZATION_TOKEN\"]: ";

using Variables = std::map<std::string, std::string, std::less<>>;

Result<std::unique_ptr<TokenSource>> create(Variables variables, const std::vector<std::string>& names = kVariables) {
    return TokenSource::create(kHeaders, names, [&variables](std::string_view name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
    });
}
bool accepts(const TokenSource& source, std::string_view token) {
    return source.current()->match("X-Vault-Token", token);
}

class TokenFileTest : public ::testing::Test {
protected:
    void SetUp() override {
        fs::remove_all(root_);
        fs::create_directories(root_);
    }
    void TearDown() override { fs::remove_all(root_); }
    void write(const std::string& text) const { std::ofstream(file_) << text; }
    [[nodiscard]] std::string url() const { return "file://" + file_.string(); }

    fs::path root_ = fs::path(::testing::TempDir()) / ("sma_token_test_" + std::to_string(::getpid()));
    fs::path file_ = root_ / "token";
};

TEST(TokenCheckTest, NamesInAnyCaseValuesByteForByte) {
    const TokenCheck check(kHeaders, SecretBytes("t0ken"));
    EXPECT_TRUE(check.match("X-Vault-Token", "t0ken"));
    EXPECT_TRUE(check.match("x-vault-token", "t0ken"));
    EXPECT_TRUE(check.match("X-AWS-PARAMETERS-SECRETS-TOKEN", "t0ken"));
    EXPECT_FALSE(check.match("X-Vault-Token", "T0ken"));
    EXPECT_FALSE(check.match("X-Vault-Token", "t0ke"));
    EXPECT_FALSE(check.match("X-Vault-Token", "t0ken "));
    EXPECT_FALSE(check.match("X-Vault-Token", ""));
    EXPECT_FALSE(check.match("X-Vault-Toke", "t0ken"));
    EXPECT_FALSE(check.match("X-Vault-Tokens", "t0ken"));
    EXPECT_FALSE(check.match("", "t0ken"));
}

TEST(TokenCheckTest, AConfiguredNameThatIsNoFieldNameNeverMatches) {
    const TokenCheck check({"not a name", ""}, SecretBytes("t0ken"));
    EXPECT_FALSE(check.match("X-Vault-Token", "t0ken"));
}

TEST(TokenSourceTest, TheFirstVariableThatIsSetWins) {
    const auto source = create({{"AWS_SESSION_TOKEN", "second"}, {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "third"}});
    ASSERT_TRUE(source);
    EXPECT_EQ((*source)->variable(), "AWS_SESSION_TOKEN");
    EXPECT_FALSE((*source)->file());
    EXPECT_TRUE(accepts(**source, "second"));
    EXPECT_FALSE(accepts(**source, "third"));
    EXPECT_EQ((*source)->version(), 1U);
}

TEST(TokenSourceTest, AVariableThatIsNotUtf8CountsAsUnset) {
    const auto environment = [](std::string_view name) -> std::optional<std::string> {
        return name == "A" ? "t\xff" : "good";
    };
    const auto source = TokenSource::create({"X-Token"}, {"A", "B"}, environment);
    ASSERT_TRUE(source);
    EXPECT_EQ((*source)->variable(), "B");
    EXPECT_TRUE((*source)->current()->match("x-token", "good"));
}

TEST(TokenSourceTest, NoneIsSet) {
    const auto source = create({{"OTHER", "x"}});
    ASSERT_FALSE(source);
    EXPECT_EQ(source.error().kind(), ErrorKind::InvalidInput);
    EXPECT_EQ(source.error().message(), kContext + "environment variable not found");
    EXPECT_EQ(create({}, {"MY_TOKEN"}).error().message(),
              "Could not read SSRF token variable(s) [\"MY_TOKEN\"]: environment variable not found");
}

TEST(TokenSourceTest, AnEmptyTokenIsRefusedAndDoesNotFallThrough) {
    for (const char* value : {"", " ", "\t\n "}) {
        const auto source = create({{"AWS_TOKEN", value}, {"AWS_SESSION_TOKEN", "second"}});
        ASSERT_FALSE(source);
        EXPECT_EQ(source.error().message(), kContext + "AWS_TOKEN is empty; set it to a token");
    }
}

TEST(TokenSourceTest, ATokenThatNoRequestCanCarryIsRefused) {
    for (const char* value : {" t0ken", "t0ken ", "t0ken\n"}) {
        const auto source = create({{"AWS_TOKEN", value}});
        ASSERT_FALSE(source);
        EXPECT_EQ(source.error().message(),
                  kContext + "AWS_TOKEN has spaces around its value, which no request can match");
    }
    const auto inner = create({{"AWS_TOKEN", "t0 ken"}});
    ASSERT_TRUE(inner);
    EXPECT_TRUE(accepts(**inner, "t0 ken"));
}

TEST(TokenSourceTest, OnlyTheExactPrefixNamesAFile) {
    for (const char* value : {"FILE:///nonexistent", "file:/nonexistent", "xfile:///nonexistent"}) {
        const auto source = create({{"AWS_TOKEN", value}});
        ASSERT_TRUE(source) << value;
        EXPECT_TRUE(accepts(**source, value));
    }
}

TEST_F(TokenFileTest, IsReadAndTrimmed) {
    write(" \r\n 0123abcd \n\n");
    const auto source = create({{"AWS_TOKEN", url()}});
    ASSERT_TRUE(source);
    EXPECT_EQ((*source)->file(), file_);
    EXPECT_TRUE(accepts(**source, "0123abcd"));
    EXPECT_FALSE(accepts(**source, url()));
}

TEST_F(TokenFileTest, Failures) {
    const auto text = [](const std::string& value) {
        return create({{"AWS_TOKEN", value}, {"AWS_SESSION_TOKEN", "second"}}).error().message();
    };
    EXPECT_EQ(text(url()), kContext + "No such file or directory (os error 2)");
    EXPECT_EQ(text("file://"), kContext + "No such file or directory (os error 2)");
    EXPECT_EQ(text("file://" + root_.string()), kContext + "Is a directory (os error 21)");
    EXPECT_EQ(text(url() + "/x"), kContext + "No such file or directory (os error 2)");
    write("");
    EXPECT_EQ(text(url() + "/x"), kContext + "Not a directory (os error 20)");
    EXPECT_EQ(text(url()), kContext + "the file " + file_.string() + " holds no token");
    write(" \n");
    EXPECT_EQ(text(url()), kContext + "the file " + file_.string() + " holds no token");
    write(std::string(128UL * 1024, 'a'));
    EXPECT_NE(text(url()).find("larger than 65536 bytes"), std::string::npos);
    if (::geteuid() != 0) {
        fs::permissions(file_, fs::perms::none);
        EXPECT_EQ(text(url()), kContext + "Permission denied (os error 13)");
    }
}

// A source whose file is watched on a loop of its own, as the agent does.
class WatchedTokenTest : public TokenFileTest {
protected:
    void SetUp() override {
        TokenFileTest::SetUp();
        write("first\n");
        auto source = create({{"AWS_TOKEN", url()}});
        ASSERT_TRUE(source);
        source_ = std::move(*source);
        loop_.start();
        on_loop([this] { source_->watch(loop_.executor()); });
    }
    void TearDown() override {
        on_loop([this] { source_->unwatch(); });
        loop_.stop();
        TokenFileTest::TearDown();
    }
    void on_loop(std::function<void()> work) {
        std::promise<void> done;
        boost::asio::post(loop_.executor(), [&] {
            work();
            done.set_value();
        });
        done.get_future().wait();
    }
    bool comes_to_accept(std::string_view token) {
        return testing::eventually([&] { return accepts(*source_, token); });
    }
    void replace(const std::string& text) const {
        std::ofstream(root_ / "new") << text;
        fs::rename(root_ / "new", file_);
    }

    io::EventLoop loop_{"watch"};
    std::unique_ptr<TokenSource> source_;
};

TEST_F(WatchedTokenTest, IsReadAgainWhenItChanges) {
    const std::uint64_t before = source_->version();
    write("second\n");
    EXPECT_TRUE(comes_to_accept("second"));
    EXPECT_FALSE(accepts(*source_, "first"));
    EXPECT_GT(source_->version(), before);
    replace("third");
    EXPECT_TRUE(comes_to_accept("third"));
    EXPECT_FALSE(accepts(*source_, "second"));
}

TEST_F(WatchedTokenTest, ACheckInUseStaysWhole) {
    const std::shared_ptr<const TokenCheck> in_use = source_->current();
    replace("second");
    ASSERT_TRUE(comes_to_accept("second"));
    EXPECT_TRUE(in_use->match("X-Vault-Token", "first"));
}

TEST_F(WatchedTokenTest, AnEmptyOrMissingFileLeavesTheOldToken) {
    replace("\n");
    replace("second");  // what came before has been seen, or has been skipped: either way nothing broke
    ASSERT_TRUE(comes_to_accept("second"));
    fs::remove(file_);
    on_loop([] {});
    EXPECT_TRUE(accepts(*source_, "second"));
    write("third");
    EXPECT_TRUE(comes_to_accept("third"));
}

TEST(TokenSourceTest, AVariableIsNotWatched) {
    io::EventLoop loop("none");
    const auto source = create({{"AWS_TOKEN", "t0ken"}});
    ASSERT_TRUE(source);
    (*source)->watch(loop.executor());
    (*source)->unwatch();
    EXPECT_TRUE(accepts(**source, "t0ken"));
    EXPECT_EQ((*source)->version(), 1U);
}

}  // namespace
}  // namespace sma::server
