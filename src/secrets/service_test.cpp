// SPDX-License-Identifier: Apache-2.0
// The service over its real client, with Secrets Manager played by a function.
#include "fake_clock.hpp"
#include "fake_secrets_manager.hpp"
#include "io/event_loop.hpp"
#include "secrets/service.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

namespace sma::secrets {
namespace {

using namespace std::chrono_literals;
using cache::Source;
using sma::testing::FakeClock;
using sma::testing::FakeSecretsManager;
using Answers = FakeSecretsManager::Answer;
using Calls = std::vector<std::string>;

class ServiceTest : public ::testing::Test {
protected:
    void SetUp() override {
        play();
        upstream_.start();
    }
    void TearDown() override {
        aws_.release();
        EXPECT_TRUE(upstream_.drain(20s));
    }
    // What Secrets Manager says from now on.
    void play() {
        aws_.script([this](const std::string& operation, const boost::json::object& request) {
            if (operation == "DescribeSecret" && describe_) return *describe_;
            if (operation == "GetSecretValue" && get_) return *get_;
            const std::string id(request.at("SecretId").as_string());
            const std::string name = id.starts_with("arn:") ? "db/main" : id;
            if (operation == "DescribeSecret") return FakeSecretsManager::description(name, version_);
            return FakeSecretsManager::secret(name, "value", version_);
        });
    }
    Result<Answer> ask(const Question& question) {
        if (const auto hit = service_.from_memory(question)) return *hit;
        return boost::asio::co_spawn(upstream_.executor(),
                                     service_.ask(SecretService::key_of(question), question.refresh_now, 20s),
                                     boost::asio::use_future)
            .get();
    }
    Source source_of(const Question& question) {
        const Result<Answer> answer = ask(question);
        EXPECT_TRUE(answer) << answer.error().describe();
        return answer ? answer->source : Source::Stale;
    }
    static Question id(std::string_view text) { return {.secret_id = text, .version_id = {}, .version_stage = {}}; }
    void expire() { clock_.advance(301s); }

    // Touched between calls only, when no flight is under way.
    std::string version_ = "v1";
    std::optional<Answers> describe_;
    std::optional<Answers> get_;

    const std::string arn_ = FakeSecretsManager::arn_of("db/main");
    const std::string partial_arn_ = arn_.substr(0, arn_.size() - 7);
    FakeClock clock_;
    FakeSecretsManager aws_{clock_};
    io::EventLoop upstream_{"upstream"};
    SecretService service_{{}, aws_.secrets_manager(), upstream_.executor(), clock_};
};

TEST_F(ServiceTest, NameAndArnMeetInOneEntry) {
    EXPECT_EQ(source_of(id("db/main")), Source::Miss);
    EXPECT_EQ(source_of(id("db/main")), Source::Hit);
    EXPECT_EQ(source_of(id(arn_)), Source::Hit);
    EXPECT_EQ(aws_.calls(), Calls{"GetSecretValue db/main"});
}

TEST_F(ServiceTest, APartialArnMeetsThemThere) {
    EXPECT_EQ(source_of(id("db/main")), Source::Miss);
    EXPECT_EQ(source_of(id(partial_arn_)), Source::Hit);
    EXPECT_EQ(aws_.calls().size(), 1U);
}

TEST_F(ServiceTest, APartialArnThatReadsAsACompleteOneIsAnotherQuestion) {
    const std::string name = "db-abcdef";  // its ARN without the suffix looks as if it had one
    EXPECT_EQ(source_of(id(name)), Source::Miss);
    const std::string arn = FakeSecretsManager::arn_of(name);
    EXPECT_EQ(source_of(id(arn.substr(0, arn.size() - 7))), Source::Miss);
}

TEST_F(ServiceTest, AnArnOfAnUnknownAccountDoesNotNameASecretHere) {
    // Nobody has asked by name yet: whether this account is the one of bare names is not known.
    EXPECT_EQ(source_of(id(arn_)), Source::Miss);
    EXPECT_EQ(source_of(id("db/main")), Source::Miss);
    EXPECT_EQ(source_of(id("db/main")), Source::Hit);
}

TEST_F(ServiceTest, NoStageAndAwscurrentAreOneQuestion) {
    Question current = id("a");
    current.version_stage = "AWSCURRENT";
    EXPECT_EQ(source_of(id("a")), Source::Miss);
    EXPECT_EQ(source_of(current), Source::Hit);
    current.version_id = "v1";
    EXPECT_EQ(source_of(current), Source::Miss);
    Question empty = id("a");
    empty.version_stage = "";
    EXPECT_EQ(source_of(empty), Source::Miss);  // passed on as it is
}

TEST_F(ServiceTest, VersionsAndStagesReachAws) {
    std::string seen;
    aws_.script([&seen](const std::string&, const boost::json::object& request) {
        seen = boost::json::serialize(request);
        return FakeSecretsManager::secret("a", "value");
    });
    Question question = id("a");
    question.version_id = "v7";
    question.version_stage = "AWSPENDING";
    EXPECT_EQ(source_of(question), Source::Miss);
    EXPECT_EQ(seen, R"({"SecretId":"a","VersionId":"v7","VersionStage":"AWSPENDING"})");
    EXPECT_EQ(source_of(id("b\"c")), Source::Miss);
    EXPECT_EQ(seen, R"({"SecretId":"b\"c"})");
}

TEST_F(ServiceTest, AnExpiredValueIsConfirmedByDescribing) {
    EXPECT_EQ(source_of(id("db/main")), Source::Miss);
    expire();
    EXPECT_EQ(source_of(id("db/main")), Source::Revalidated);
    EXPECT_EQ(source_of(id("db/main")), Source::Hit);
    EXPECT_EQ(aws_.calls(), (Calls{"GetSecretValue db/main", "DescribeSecret " + arn_}));
}

TEST_F(ServiceTest, AnotherVersionIsFetched) {
    EXPECT_EQ(source_of(id("db/main")), Source::Miss);
    version_ = "v2";
    expire();
    const Result<Answer> answer = ask(id("db/main"));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->source, Source::Miss);
    EXPECT_EQ(answer->value->version, "v2");
    EXPECT_EQ(aws_.calls().back(), "GetSecretValue db/main");
}

TEST_F(ServiceTest, WhoMayNotDescribeMayStillRead) {
    EXPECT_EQ(source_of(id("db/main")), Source::Miss);
    describe_ = FakeSecretsManager::error("AccessDeniedException");
    expire();
    EXPECT_EQ(source_of(id("db/main")), Source::Miss);
    EXPECT_EQ(aws_.calls(), (Calls{"GetSecretValue db/main", "DescribeSecret " + arn_, "GetSecretValue db/main"}));
}

TEST_F(ServiceTest, ANameGivenToANewSecretIsFollowed) {
    EXPECT_EQ(source_of(id("db/main")), Source::Miss);
    describe_ = FakeSecretsManager::error("ResourceNotFoundException");  // the old ARN is gone
    version_ = "of the new one";
    expire();
    EXPECT_EQ(ask(id("db/main"))->value->version, "of the new one");
}

TEST_F(ServiceTest, ADefiniteNoDropsTheEntry) {
    EXPECT_EQ(source_of(id("db/main")), Source::Miss);
    describe_ = get_ = FakeSecretsManager::error("ResourceNotFoundException");
    expire();
    const Result<Answer> gone = ask(id("db/main"));
    ASSERT_FALSE(gone);
    EXPECT_EQ(gone.error().code(), "ResourceNotFoundException");
    // Back again: nothing is left of the old one.
    describe_.reset();
    get_.reset();
    EXPECT_EQ(source_of(id("db/main")), Source::Miss);
    EXPECT_EQ(aws_.calls().back(), "GetSecretValue db/main");
}

TEST_F(ServiceTest, TroubleIsBridgedWithTheLastValue) {
    EXPECT_EQ(source_of(id("db/main")), Source::Miss);
    for (const Answers& trouble :
         {FakeSecretsManager::error("InternalServiceError", 500), Answers{.status = 200, .body = "{"},
          FakeSecretsManager::error("ThrottlingException"),
          Answers{.status = 0, .body = {}, .failure = ErrorKind::Connection},
          Answers{.status = 0, .body = {}, .failure = ErrorKind::Timeout}}) {
        describe_ = trouble;
        expire();
        EXPECT_EQ(source_of(id("db/main")), Source::Stale) << trouble.status << trouble.body;
        describe_.reset();
        Question now = id("db/main");
        now.refresh_now = true;
        EXPECT_TRUE(ask(now));
    }
}

TEST_F(ServiceTest, RefreshNowGetsTheErrorAndNotTheLastValue) {
    EXPECT_EQ(source_of(id("db/main")), Source::Miss);
    get_ = FakeSecretsManager::error("InternalServiceError", 500);
    Question now = id("db/main");
    now.refresh_now = true;
    const Result<Answer> answer = ask(now);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().http_status(), 500U);
    EXPECT_EQ(source_of(id("db/main")), Source::Hit);  // trouble is not a no
}

TEST_F(ServiceTest, AnAnswerWithoutValueIsPassedOnAsItIs) {
    get_ = Answers{.status = 200, .body = R"({"ARN":"arn","Name":"a","VersionId":"v"})"};
    const Result<Answer> answer = ask(id("a"));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->value->body.reveal(), R"({"ARN":"arn","Name":"a","VersionId":"v","CreatedDate":null})");
}

}  // namespace
}  // namespace sma::secrets
