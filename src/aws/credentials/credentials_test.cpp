// SPDX-License-Identifier: Apache-2.0
#include "aws/credentials/cached.hpp"
#include "aws/credentials/chain.hpp"
#include "aws/credentials/default_chain.hpp"
#include "aws/credentials/environment.hpp"
#include "aws/credentials/static.hpp"
#include "aws/test_support.hpp"
#include "fake_clock.hpp"
#include "io/timer.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <gtest/gtest.h>

namespace sma::aws {
namespace {

using namespace std::chrono_literals;
using sma::testing::FakeClock;
using testing::fake_environment;
using testing::run_on;
using testing::TempDirectory;
using testing::Variables;

// "KEY/SECRET/TOKEN", "none", or the error.
std::string text(const Result<CredentialsPtr>& credentials) {
    if (!credentials) return credentials.error().describe();
    if (!*credentials) return "none";
    const Credentials& c = **credentials;
    return c.access_key_id + "/" + std::string(c.secret_access_key.reveal()) + "/" +
           std::string(c.session_token.reveal());
}

class ChainTest : public ::testing::Test {
protected:
    ChainTest() { loop_.start(); }
    // Credentials by the default chain, and the provider's name.
    std::string resolve(Variables variables) {
        variables.emplace("HOME", directory_.path().string());
        variables.emplace("AWS_CONFIG_FILE", "~/config");
        variables.emplace("AWS_SHARED_CREDENTIALS_FILE", "~/credentials");
        const auto settings = Settings::load(fake_environment(std::move(variables)), MissingProfile::IsError);
        if (!settings) return settings.error().describe();
        const auto chain = default_chain(*settings, loop_.executor(), clock_);
        const Result<CredentialsPtr> found = run_on(loop_, chain->get());
        return found && *found ? text(found) + " by " + std::string(chain->name()) : text(found);
    }
    void config(std::string_view content) { directory_.write("config", content); }
    void credentials(std::string_view content) { directory_.write("credentials", content); }

    const Variables env{{"AWS_ACCESS_KEY_ID", "AKE"}, {"AWS_SECRET_ACCESS_KEY", "SKE"}};
    const char* const file_keys = "[default]\naws_access_key_id = F\naws_secret_access_key = FS\n";
    static Variables with(Variables base, Variables more) {
        base.merge(more);
        return base;
    }
    TempDirectory directory_;
    FakeClock clock_;
    io::EventLoop loop_{"chain-test"};
};

TEST_F(ChainTest, Environment) {
    EXPECT_EQ(resolve(with(env, {{"AWS_SESSION_TOKEN", "T"}})), "AKE/SKE/T by env");
    EXPECT_EQ(resolve(with(env, {{"AWS_SECURITY_TOKEN", "old"}, {"AWS_SESSION_TOKEN", "new"}})), "AKE/SKE/old by env");
    EXPECT_EQ(resolve(with(env, {{"AWS_SECURITY_TOKEN", ""}, {"AWS_SESSION_TOKEN", "new"}})), "AKE/SKE/new by env");
    credentials(file_keys);
    EXPECT_NE(resolve({{"AWS_ACCESS_KEY_ID", "AKE"}}).find("AWS_SECRET_ACCESS_KEY is not"), std::string::npos);
    EXPECT_EQ(resolve({{"AWS_ACCESS_KEY_ID", ""}, {"AWS_SECRET_ACCESS_KEY", "S"}}), "F/FS/ by shared-credentials-file");
    EXPECT_NE(resolve(with(env, {{"AWS_CREDENTIAL_EXPIRATION", "2015-08-30T12:35:59Z"}})).find("expired"),
              std::string::npos);
    EXPECT_EQ(resolve(with(env, {{"AWS_CREDENTIAL_EXPIRATION", "2015-08-30T12:36:01Z"}})), "AKE/SKE/ by env");
}

TEST_F(ChainTest, EnvironmentBeatsTheProfileButNotItsAbsence) {
    config("[profile p]\naws_access_key_id=P\naws_secret_access_key=PS\n");
    EXPECT_EQ(resolve(with(env, {{"AWS_PROFILE", "p"}})), "AKE/SKE/ by env");
    EXPECT_NE(resolve(with(env, {{"AWS_PROFILE", "nope"}})).find("could not be found"), std::string::npos);
}

TEST_F(ChainTest, SharedFiles) {
    EXPECT_EQ(resolve({}), "none");
    config("[default]\naws_access_key_id=C\naws_secret_access_key=CS\naws_session_token=T\n");
    EXPECT_EQ(resolve({}), "C/CS/T by config-file");
    credentials(file_keys);
    EXPECT_EQ(resolve({}), "F/FS/ by shared-credentials-file");
    credentials(
        "[default]\naws_access_key_id=F\naws_secret_access_key=FS\naws_security_token=old\naws_session_token=new\n");
    EXPECT_EQ(resolve({}), "F/FS/old by shared-credentials-file");
}

TEST_F(ChainTest, KeysAreNotMixedBetweenFiles) {
    credentials("[default]\naws_access_key_id=F\n");
    config("[default]\naws_secret_access_key=CS\n");
    EXPECT_NE(resolve({}).find("partial credentials in profile default in"), std::string::npos) << resolve({});
    credentials("[default]\naws_secret_access_key=FS\n");
    EXPECT_EQ(resolve({}), "none");
    config("[default]\naws_access_key_id=C\n");
    EXPECT_NE(resolve({}).find("aws_access_key_id without aws_secret_access_key"), std::string::npos);
    // Indented: the secret is a part of the key id, as botocore reads it.
    credentials("[default]\naws_access_key_id=F\n  aws_secret_access_key=hunter2\n");
    EXPECT_NE(resolve({}).find("without aws_secret_access_key"), std::string::npos);
    EXPECT_EQ(resolve({}).find("hunter2"), std::string::npos);
}

TEST_F(ChainTest, WhatThisVersionLacksIsSaidInItsPlaceOfTheChain) {
    const auto refuses = [this](const Variables& variables, const char* name) {
        const std::string answer = resolve(variables);
        EXPECT_NE(answer.find(name), std::string::npos) << answer;
        EXPECT_NE(answer.find("does not support"), std::string::npos) << answer;
    };
    config("[profile p]\nrole_arn=r\nsource_profile=b\naws_access_key_id=P\naws_secret_access_key=PS\n");
    refuses({{"AWS_PROFILE", "p"}}, "\"assume-role\"");
    EXPECT_EQ(resolve(with(env, {{"AWS_PROFILE", "p"}})), "AKE/SKE/ by env");
    config("[default]\nsso_account_id=1\n");
    refuses({}, "\"sso\"");
    config("[default]\ncredential_process=x\naws_access_key_id=P\naws_secret_access_key=PS\n");
    refuses({}, "\"custom-process\"");
    credentials(file_keys);
    EXPECT_EQ(resolve({}), "F/FS/ by shared-credentials-file");
    refuses({{"AWS_WEB_IDENTITY_TOKEN_FILE", "/t"}}, "\"assume-role-with-web-identity\"");
    credentials("");
    config("");
    refuses({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", ""}}, "\"container-role\"");
    config("[default]\nweb_identity_token_file=/t\nrole_arn=r\n");
    refuses({}, "\"assume-role-with-web-identity\"");
    EXPECT_EQ(resolve({{"AWS_WEB_IDENTITY_TOKEN_FILE", ""}}), "none");
    config("[default]\nlogin_session=x\n");
    refuses({}, "\"login\"");
}

TEST(StaticTest, RefusesWhatCannotBeSent) {
    const auto made = [](std::string key, std::string_view secret, std::string_view token) {
        return make_credentials({std::move(key), SecretBytes(secret), SecretBytes(token), {}, "test"}).has_value();
    };
    EXPECT_TRUE(made("AK", "S", ""));
    EXPECT_FALSE(made("", "S", ""));
    EXPECT_FALSE(made("AK", "", ""));
    EXPECT_FALSE(made("AK\r\nX: y", "S", ""));
    EXPECT_FALSE(made("A/K", "S", ""));
    EXPECT_FALSE(made("AK", "S", "T\r\nX: y"));
}

// Gives what the test says, and counts.
class ScriptedProvider final : public CredentialsProvider {
public:
    [[nodiscard]] std::string_view name() const noexcept override { return "scripted"; }
    [[nodiscard]] io::Task<Result<CredentialsPtr>> get() override {
        ++calls;
        if (delay != 0ms) co_await io::sleep_for(delay);
        co_return next;
    }
    int calls = 0;
    std::chrono::milliseconds delay{0};
    Result<CredentialsPtr> next{CredentialsPtr()};
};

class CachedTest : public ::testing::Test {
protected:
    CachedTest() {
        auto inner = std::make_unique<ScriptedProvider>();
        inner_ = inner.get();
        cached_ = std::make_unique<CachedProvider>(std::move(inner), loop_.executor(), clock_, [] { return 0.0; });
        loop_.start();
    }
    ~CachedTest() override { loop_.stop(); }
    void give(std::string key, std::optional<std::chrono::minutes> left) {
        Credentials c{std::move(key), SecretBytes("S"), {}, {}, "test"};
        if (left) c.expiration = clock_.wall_now() + *left;
        inner_->next = std::make_shared<const Credentials>(std::move(c));
    }
    void give_error() { inner_->next = fail(ErrorKind::Connection, "down"); }
    std::string get() {
        const Result<CredentialsPtr> got = run_on(loop_, cached_->get());
        if (!got) return "error";
        return *got ? (*got)->access_key_id : "none";
    }
    // A renewal in the background has ended when the loop has nothing more to do at once.
    void settle() { run_on(loop_, io::sleep_for(inner_->delay + 20ms)); }
    FakeClock clock_;
    io::EventLoop loop_{"cached-test"};
    std::unique_ptr<CachedProvider> cached_;
    ScriptedProvider* inner_ = nullptr;
};

TEST_F(CachedTest, KeepsWhatDoesNotExpire) {
    give("A", std::nullopt);
    EXPECT_EQ(get(), "A");
    clock_.advance(100h);
    give("B", std::nullopt);
    EXPECT_EQ(get(), "A");
    EXPECT_EQ(inner_->calls, 1);
}

TEST_F(CachedTest, AsksAgainWhileThereIsNothing) {
    EXPECT_EQ(get(), "none");
    give_error();
    EXPECT_EQ(get(), "error");
    give("A", std::nullopt);
    EXPECT_EQ(get(), "error");  // a source that fails gets a rest
    EXPECT_EQ(inner_->calls, 2);
    clock_.advance(31s);
    EXPECT_EQ(get(), "A");
    EXPECT_EQ(inner_->calls, 3);
}

TEST_F(CachedTest, RenewsInTheBackgroundFrom15MinutesOn) {
    give("A", 60min);
    EXPECT_EQ(get(), "A");
    clock_.advance(44min);
    EXPECT_EQ(get(), "A");
    EXPECT_EQ(inner_->calls, 1);
    clock_.advance(2min);  // 14 left
    give("B", 60min);
    inner_->delay = 20ms;
    EXPECT_EQ(get(), "A");
    EXPECT_EQ(get(), "A");
    settle();
    EXPECT_EQ(get(), "B");
    EXPECT_EQ(inner_->calls, 2);
}

TEST_F(CachedTest, ABackgroundFailureIsNotSeenAndPauses) {
    give("A", 60min);
    EXPECT_EQ(get(), "A");
    clock_.advance(46min);
    give_error();
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(get(), "A");
        settle();
    }
    EXPECT_EQ(inner_->calls, 2);
    clock_.advance(31s);
    EXPECT_EQ(get(), "A");
    settle();
    EXPECT_EQ(inner_->calls, 3);
}

TEST_F(CachedTest, From10MinutesOnCallersWaitAndAFailureKeepsTheOld) {
    give("A", 60min);
    EXPECT_EQ(get(), "A");
    clock_.advance(51min);
    give("B", 60min);
    EXPECT_EQ(get(), "B");
    clock_.advance(51min);
    give_error();
    EXPECT_EQ(get(), "B");
    EXPECT_EQ(get(), "B");
    EXPECT_EQ(inner_->calls, 3);  // the second was within the pause
    clock_.advance(9min);         // expired
    EXPECT_EQ(get(), "error");
    give("C", 60min);
    EXPECT_EQ(get(), "error");
    clock_.advance(31s);
    EXPECT_EQ(get(), "C");
}

TEST_F(CachedTest, CredentialsThatHaveExpiredOnArrivalAreAnError) {
    give("A", -1min);
    EXPECT_EQ(get(), "error");
}

TEST_F(CachedTest, ASourceOfShortLivedCredentialsIsNotHammered) {
    give("A", 5min);
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(get(), "A");
    EXPECT_EQ(inner_->calls, 1);
    clock_.advance(31s);
    EXPECT_EQ(get(), "A");
    EXPECT_EQ(inner_->calls, 2);
}

TEST_F(CachedTest, ManyWaitForOneCall) {
    using namespace boost::asio::experimental::awaitable_operators;
    give("A", 60min);
    inner_->delay = 20ms;
    const auto body = [](CachedProvider& cached) -> io::Task<bool> {
        const auto [a, b, c] = co_await (cached.get() && cached.get() && cached.get());
        co_return a&& b&& c && *a == *b && *b == *c && *a != nullptr;
    };
    EXPECT_TRUE(run_on(loop_, body(*cached_)));
    EXPECT_EQ(inner_->calls, 1);
}

TEST_F(CachedTest, RefusedOnesAreAskedForAgainButNotOften) {
    give("A", std::nullopt);
    EXPECT_EQ(get(), "A");
    const auto refuse = [this] {
        const auto body = [](CachedProvider& cached) -> io::Task<void> {
            const auto now = co_await cached.get();
            cached.forget(*now);
        };
        run_on(loop_, body(*cached_));
    };
    give("B", std::nullopt);
    refuse();
    EXPECT_EQ(get(), "B");
    give("C", std::nullopt);
    refuse();
    EXPECT_EQ(get(), "B");  // a renewal that worked does not lift the limit
    EXPECT_EQ(inner_->calls, 2);
    give_error();
    clock_.advance(31s);
    refuse();
    EXPECT_EQ(get(), "B");  // better than nothing
    EXPECT_EQ(inner_->calls, 3);
    refuse();
    EXPECT_EQ(get(), "B");
    EXPECT_EQ(inner_->calls, 3);
}

TEST(ChainProviderTest, AnErrorEndsTheWalkAndTheWinnerStays) {
    io::EventLoop loop("chain");
    loop.start();
    std::vector<std::unique_ptr<CredentialsProvider>> providers;
    std::vector<ScriptedProvider*> raw;
    for (int i = 0; i < 3; ++i) {
        auto provider = std::make_unique<ScriptedProvider>();
        raw.push_back(provider.get());
        providers.push_back(std::move(provider));
    }
    raw[1]->next = fail(ErrorKind::NoCredentials, "broken");
    raw[2]->next = std::make_shared<const Credentials>(Credentials{"C", SecretBytes("S"), {}, {}, "c"});
    ChainProvider chain(std::move(providers));
    EXPECT_FALSE(run_on(loop, chain.get()));
    EXPECT_EQ(raw[2]->calls, 0);
    raw[1]->next = CredentialsPtr();
    EXPECT_EQ(run_on(loop, chain.get()).value()->access_key_id, "C");
    EXPECT_EQ(run_on(loop, chain.get()).value()->access_key_id, "C");
    EXPECT_EQ(raw[0]->calls, 2);
    EXPECT_EQ(raw[2]->calls, 2);
}

}  // namespace
}  // namespace sma::aws
