// SPDX-License-Identifier: Apache-2.0
#include "aws/credentials/static.hpp"
#include "aws/retry.hpp"
#include "aws/secrets_manager.hpp"
#include "aws/service_client.hpp"
#include "aws/service_error.hpp"
#include "aws/sigv4.hpp"
#include "aws/sts.hpp"
#include "aws/test_support.hpp"
#include "fake_clock.hpp"

#include <gtest/gtest.h>

namespace sma::aws {
namespace {

using namespace std::chrono_literals;
using sma::testing::FakeClock;
using testing::answer;
using testing::fails;
using testing::run_on;
using testing::says;
using testing::ScriptedSender;
using testing::Sent;

TEST(RetryTest, TheTable) {
    for (const ErrorKind kind :
         {ErrorKind::Connection, ErrorKind::Truncated, ErrorKind::Closed, ErrorKind::BadAnswer}) {
        EXPECT_EQ(classify(Error(kind, "")), RetryClass::Transient);
    }
    EXPECT_EQ(classify(Error(ErrorKind::Timeout, "")), RetryClass::Timeout);
    for (const ErrorKind kind : {ErrorKind::InvalidInput, ErrorKind::System, ErrorKind::NoCredentials,
                                 ErrorKind::NoRegion, ErrorKind::Stopping, ErrorKind::Internal}) {
        EXPECT_EQ(classify(Error(kind, "")), RetryClass::Never);
    }
    for (const unsigned status : {500U, 502U, 503U, 504U}) {
        EXPECT_EQ(classify(Error::service("", "", status)), RetryClass::Transient);
    }
    for (const unsigned status : {301U, 400U, 403U, 404U, 429U, 501U, 509U}) {
        EXPECT_EQ(classify(Error::service("X", "m", status)), RetryClass::Never);
    }
    EXPECT_EQ(classify(Error::service("ThrottlingException", "m", 400)), RetryClass::Throttling);
    EXPECT_EQ(classify(Error::service("LimitExceededException", "m", 400)), RetryClass::Throttling);
    EXPECT_EQ(classify(Error::service("RequestTimeout", "m", 400)), RetryClass::Transient);
    EXPECT_EQ(classify(Error::service("ExpiredTokenException", "m", 400)), RetryClass::Never);
}

TEST(RetryTest, DelaysDoubleUpTo20Seconds) {
    EXPECT_EQ(retry_delay(1, 1.0), 1s);
    EXPECT_EQ(retry_delay(2, 0.5), 1s);
    EXPECT_EQ(retry_delay(5, 1.0), 16s);
    EXPECT_EQ(retry_delay(6, 1.0), 20s);
    EXPECT_EQ(retry_delay(1000, 1.0), 20s);
    EXPECT_EQ(retry_delay(3, 0.0), 0s);
}

TEST(RetryTest, TheQuotaRunsOutAndIsRefilled) {
    RetryQuota quota;
    int taken = 0;
    while (quota.take(RetryClass::Timeout) != 0)
        ++taken;
    EXPECT_EQ(taken, 50);
    EXPECT_EQ(quota.take(RetryClass::Transient), 0);
    quota.on_success(5);
    EXPECT_EQ(quota.take(RetryClass::Timeout), 0);
    EXPECT_EQ(quota.take(RetryClass::Transient), 5);
    for (int i = 0; i < 1000; ++i)
        quota.on_success(0);
    EXPECT_EQ(quota.tokens(), RetryQuota::kCapacity);
}

struct ErrorRow {
    std::string body;
    const char* header;
    const char* code;
    const char* message;
};

TEST(ServiceErrorTest, JsonTable) {
    for (const ErrorRow& row : {
             ErrorRow{R"({"__type":"ns#ResourceNotFoundException","message":"m"})", "", "ResourceNotFoundException",
                      "m"},
             ErrorRow{R"({"__type":"ResourceNotFoundException:http://x/","Message":"m"})", "",
                      "ResourceNotFoundException", "m"},
             ErrorRow{R"({"__type":"a#b#C:d#e","errorMessage":"m"})", "", "C", "m"},
             ErrorRow{R"({"code":"A","__type":"B","message":"m"})", "", "A", "m"},
             ErrorRow{R"({"code":"A","__type":"B","message":"m","Message":"n"})", "H:http://x", "H", "m"},
             ErrorRow{R"({"message":"m"})", "H", "H", "m"},
             ErrorRow{R"({"__type":5,"message":"m"})", "", "", "m"},
             ErrorRow{R"({"__type":"A"})", "", "A", ""},
             ErrorRow{R"({"__type":"A","message":null})", "", "A", ""},
             ErrorRow{R"([1])", "", "", ""},
             ErrorRow{"<html>", "", "", ""},
             ErrorRow{"", "", "", ""},
         }) {
        const Error error = read_json_error(answer(400, row.body, {{"x-amzn-ErrorType", row.header}}));
        EXPECT_EQ(error.kind(), ErrorKind::Service);
        EXPECT_EQ(error.http_status(), 400U);
        EXPECT_EQ(error.code(), row.code) << row.body;
        EXPECT_EQ(error.message(), row.message) << row.body;
    }
}

TEST(ServiceErrorTest, QueryTable) {
    const auto read = [](std::string_view body) {
        const Error error = read_query_error(answer(403, body));
        return error.code() + "|" + error.message();
    };
    EXPECT_EQ(read(R"(<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>
        <Code>AccessDenied</Code><Message>no &amp; no</Message></Error><RequestId>r</RequestId></ErrorResponse>)"),
              "AccessDenied|no & no");
    EXPECT_EQ(read("<Response><Errors><Error><Code>A</Code><Message>m</Message></Error></Errors></Response>"), "A|m");
    EXPECT_EQ(read("<e:ErrorResponse xmlns:e='x'><e:Error><e:Code>A</e:Code></e:Error></e:ErrorResponse>"), "A|");
    EXPECT_EQ(read("not xml"), "|");
    EXPECT_EQ(read("<Error><Code>A</Error>"), "|");
    EXPECT_EQ(read(std::string(100'000, '<')), "|");
}

TEST(ServiceErrorTest, WithoutACodeTheMessageIsOurs) {
    for (const Error& error : {Error::service("", "m", 400), Error::service("", "", 400)}) {
        const Error seen = complete(error);
        EXPECT_EQ(seen.code(), "");
        EXPECT_EQ(seen.http_status(), 400U);
        EXPECT_EQ(seen.message(), "HTTP 400 without an error code");
    }
    EXPECT_EQ(complete(Error::service("A", "m", 400)).code(), "A");
    EXPECT_EQ(complete(Error::service("A", "", 400)).code(), "A");
    EXPECT_EQ(complete(Error::service("A", "", 400)).message(), "");
}

TEST(ServiceErrorTest, ARefusedSignatureDoesNotQuoteTheRequest) {
    for (const std::string code : {"InvalidSignatureException", "SignatureDoesNotMatch", "InvalidSignature"}) {
        for (const std::string between : {"\\n\\n", " "}) {
            const std::string text =
                "It does not match." + between + "The Canonical String was 'POST x-amz-security-token:hunter2'";
            const Error json =
                read_json_error(answer(400, R"({"__type":"x#)" + code + R"(","message":")" + text + R"("})"));
            EXPECT_EQ(json.code(), code);
            EXPECT_EQ(json.message(), "It does not match.");
        }
        const Error query = read_query_error(answer(403, "<ErrorResponse><Error><Code>" + code +
                                                             "</Code><Message>No.\nx-amz-security-token:hunter2"
                                                             "</Message></Error></ErrorResponse>"));
        EXPECT_EQ(query.message(), "No.");
    }
    EXPECT_EQ(read_json_error(answer(400, R"({"__type":"A","message":"m\nn"})")).message(), "m\nn");
}

TEST(ServiceErrorTest, LongTextsAreCutBetweenCharacters) {
    const std::string code(1000, 'C');
    const std::string message = "m" + std::string(4094, 'm') + "\xC3\xA9\xC3\xA9";
    const Error error =
        read_json_error(answer(400, R"({"message":")" + message + R"("})", {{"x-amzn-ErrorType", code}}));
    EXPECT_EQ(error.code(), std::string(256, 'C'));
    EXPECT_EQ(error.message(), std::string(4095, 'm'));
}

class ServiceClientTest : public ::testing::Test {
protected:
    ServiceClientTest() { loop_.start(); }
    ~ServiceClientTest() override { loop_.stop(); }

    void script(std::vector<ScriptedSender::Step> steps, int attempts = 3) {
        sender_ = std::make_unique<ScriptedSender>(std::move(steps));
        Endpoint endpoint{parse_url("https://secretsmanager.us-east-1.amazonaws.com").value(), "us-east-1"};
        ServiceOptions options{"secretsmanager", "secretsmanager", std::move(endpoint), "agent/1", {}};
        options.retry.max_attempts = attempts;
        options.retry.random = [] { return 1.0; };
        options.retry.sleep = [this](std::chrono::nanoseconds wait) { return slept(wait); };
        client_ = std::make_unique<ServiceClient>(std::move(options), *sender_, provider_, clock_);
    }
    io::Task<void> slept(std::chrono::nanoseconds wait) {
        waits_.push_back(wait);
        co_return;
    }
    Result<SecretValue> get(std::string id = "test") {
        SecretsManager api(*client_);
        return run_on(loop_, api.get_secret_value(std::move(id), std::nullopt, std::nullopt));
    }
    [[nodiscard]] const std::vector<Sent>& sent() const { return sender_->sent(); }

    FakeClock clock_;
    io::EventLoop loop_{"client-test"};
    StaticProvider provider_{make_credentials({"AKIDEXAMPLE",
                                               SecretBytes("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
                                               SecretBytes("TOKEN/+=="),
                                               {},
                                               "test"})
                                 .value()};
    std::unique_ptr<ScriptedSender> sender_;
    std::unique_ptr<ServiceClient> client_;
    std::vector<std::chrono::nanoseconds> waits_;
};

const char* const kSecret = R"({"ARN":"arn","Name":"n","VersionId":"v","SecretString":"hunter2",
    "VersionStages":["AWSCURRENT"],"CreatedDate":1.569534789046E9,"Unknown":{}})";

TEST_F(ServiceClientTest, TheRequestIsSignedAndNamed) {
    script({says(200, kSecret)});
    ASSERT_TRUE(get());
    ASSERT_EQ(sent().size(), 1U);
    const Sent& request = sent()[0];
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.body, R"({"SecretId":"test"})");
    EXPECT_EQ(request.headers.at("content-type"), "application/x-amz-json-1.1");
    EXPECT_EQ(request.headers.at("x-amz-target"), "secretsmanager.GetSecretValue");
    EXPECT_EQ(request.headers.at("x-amz-date"), "20150830T123600Z");
    EXPECT_EQ(request.headers.at("x-amz-security-token"), "TOKEN/+==");
    // The vector of botocore with a session token.
    EXPECT_EQ(request.headers.at("authorization"),
              "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/secretsmanager/aws4_request, "
              "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, "
              "Signature=8821be594c4beec1596689e6e037238600a4d8287c75090ba77b78f248a767ef");
    EXPECT_EQ(request.headers.at("user-agent"), "agent/1");
    EXPECT_EQ(request.headers.at("amz-sdk-request"), "attempt=1; max=3");
    EXPECT_EQ(request.headers.at("amz-sdk-invocation-id").size(), 36U);
    EXPECT_FALSE(request.headers.contains("host"));  // the HTTP client's
}

TEST_F(ServiceClientTest, RetriesAreCountedAndSpaced) {
    script({says(500, "{}")});
    const auto result = get();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind(), ErrorKind::Service);
    EXPECT_EQ(result.error().http_status(), 500U);
    EXPECT_EQ(result.error().code(), "");
    ASSERT_EQ(sent().size(), 3U);
    EXPECT_EQ(waits_, (std::vector<std::chrono::nanoseconds>{1s, 2s}));
    EXPECT_EQ(sent()[0].headers.at("amz-sdk-invocation-id"), sent()[2].headers.at("amz-sdk-invocation-id"));
    EXPECT_EQ(sent()[2].headers.at("amz-sdk-request"), "attempt=3; max=3");
    EXPECT_EQ(client_->quota().tokens(), 490);
}

TEST_F(ServiceClientTest, RetriesEndWithTheFirstSuccess) {
    script({says(503, "busy"), says(400, R"({"__type":"ThrottlingException","message":"slow down"})"),
            says(200, kSecret)});
    EXPECT_TRUE(get());
    EXPECT_EQ(sent().size(), 3U);
    EXPECT_EQ(client_->quota().tokens(), 495);
}

TEST_F(ServiceClientTest, RetryCountsOfTheMatrix) {
    const auto count = [this](const ScriptedSender::Step& step, int attempts = 3) {
        script({step}, attempts);
        EXPECT_FALSE(get());
        return sent().size();
    };
    EXPECT_EQ(count(says(500, ""), 2), 2U);
    EXPECT_EQ(count(says(500, ""), 1), 1U);
    EXPECT_EQ(count(says(429, R"({"__type":"X","message":"m"})")), 1U);
    EXPECT_EQ(count(says(400, R"({"__type":"ThrottlingException","message":"m"})")), 3U);
    EXPECT_EQ(count(says(400, R"({"__type":"ThrottlingException"})")), 3U);
    EXPECT_EQ(count(says(400, R"({"__type":"ExpiredTokenException","message":"m"})")), 1U);
    EXPECT_EQ(count(says(301, "")), 1U);
    EXPECT_EQ(count(fails(ErrorKind::Timeout)), 3U);
    EXPECT_EQ(count(fails(ErrorKind::Closed)), 3U);
    EXPECT_EQ(count(fails(ErrorKind::Stopping)), 1U);
    EXPECT_EQ(count(says(200, "not json")), 1U);
}

TEST_F(ServiceClientTest, ErrorsKeepTheirKind) {
    const auto kind = [this](const ScriptedSender::Step& step) {
        script({step}, 1);
        return get().error().kind();
    };
    for (const ErrorKind k : {ErrorKind::Timeout, ErrorKind::Connection, ErrorKind::Truncated, ErrorKind::Closed,
                              ErrorKind::BadAnswer, ErrorKind::Stopping}) {
        EXPECT_EQ(kind(fails(k)), k);
    }
    EXPECT_EQ(kind(says(200, "not json")), ErrorKind::BadAnswer);
    EXPECT_EQ(kind(says(200, "[]")), ErrorKind::BadAnswer);
    EXPECT_EQ(kind(says(404, "gone")), ErrorKind::Service);
}

TEST_F(ServiceClientTest, AnErrorAnswerIsPassedOn) {
    script({says(400, R"({"__type":"ResourceNotFoundException","Message":"Secrets Manager can't find it."})")});
    const Error error = get().error();
    EXPECT_EQ(error.code(), "ResourceNotFoundException");
    EXPECT_EQ(error.message(), "Secrets Manager can't find it.");
    EXPECT_EQ(error.http_status(), 400U);
}

TEST_F(ServiceClientTest, AWrongClockIsCorrectedOnce) {
    const testing::Variables date{{"Date", "Sun, 30 Aug 2015 13:36:00 GMT"}};
    const std::string body = R"({"__type":"InvalidSignatureException","message":"Signature expired"})";
    script({says(400, body, date), says(200, kSecret)});
    EXPECT_TRUE(get());
    ASSERT_EQ(sent().size(), 2U);
    EXPECT_EQ(sent()[1].headers.at("x-amz-date"), "20150830T133600Z");
    EXPECT_TRUE(waits_.empty());
    EXPECT_TRUE(get());  // remembered
    EXPECT_EQ(sent()[2].headers.at("x-amz-date"), "20150830T133600Z");

    script({says(400, body, date)});
    EXPECT_EQ(get().error().code(), "InvalidSignatureException");
    EXPECT_EQ(sent().size(), 2U);

    // The clock is right: the key is wrong, and asking again is of no use.
    script({says(400, body, {{"Date", "Sun, 30 Aug 2015 12:37:00 GMT"}})});
    EXPECT_FALSE(get());
    EXPECT_EQ(sent().size(), 1U);
    script({says(400, body)});
    EXPECT_FALSE(get());
    EXPECT_EQ(sent().size(), 1U);
}

TEST_F(ServiceClientTest, WithoutCredentialsOrRegionNothingIsSent) {
    sender_ = std::make_unique<ScriptedSender>(std::vector{says(200, kSecret)});
    StaticProvider nobody(nullptr);
    Endpoint endpoint{parse_url("http://127.0.0.1:1").value(), "us-east-1"};
    client_ = std::make_unique<ServiceClient>(ServiceOptions{"s", "s", endpoint, "", {}}, *sender_, nobody, clock_);
    EXPECT_EQ(get().error().kind(), ErrorKind::NoCredentials);
    client_ = std::make_unique<ServiceClient>(ServiceOptions{"s", "s", fail(ErrorKind::NoRegion, "none"), "", {}},
                                              *sender_, provider_, clock_);
    EXPECT_EQ(get().error().kind(), ErrorKind::NoRegion);
    EXPECT_TRUE(sent().empty());
}

TEST_F(ServiceClientTest, GetSecretValueReadsTheMembers) {
    script({says(200, kSecret), says(200, R"({"SecretBinary":"AAE=","Name":null})"), says(200, "{}")});
    const SecretValue value = get().value();
    EXPECT_EQ(value.arn, "arn");
    EXPECT_EQ(value.name, "n");
    EXPECT_EQ(value.version_id, "v");
    ASSERT_TRUE(value.secret_string);
    EXPECT_EQ(value.secret_string->reveal(), "hunter2");
    EXPECT_FALSE(value.secret_binary);
    EXPECT_EQ(value.version_stages, (std::vector<std::string>{"AWSCURRENT"}));
    EXPECT_EQ(value.created_date, 1569534789.046);
    const SecretValue binary = get().value();
    EXPECT_EQ(binary.secret_binary->reveal(), "AAE=");
    EXPECT_FALSE(binary.name);
    const SecretValue empty = get().value();
    EXPECT_FALSE(empty.arn || empty.secret_string || empty.version_stages || empty.created_date);
}

TEST_F(ServiceClientTest, GetSecretValueSendsVersionAndStage) {
    script({says(200, kSecret)});
    SecretsManager api(*client_);
    ASSERT_TRUE(run_on(loop_, api.get_secret_value("a\"b", "version", "stage")));
    EXPECT_EQ(sent()[0].body, R"({"SecretId":"a\"b","VersionId":"version","VersionStage":"stage"})");
}

TEST_F(ServiceClientTest, MembersOfTheWrongTypeSpoilTheAnswer) {
    for (const char* const body :
         {R"({"ARN":5})", R"({"SecretString":["hunter2"]})", R"({"SecretBinary":"hunter2!"})",
          R"({"VersionStages":"x"})", R"({"VersionStages":[1]})", R"({"CreatedDate":"1"})", R"({"Name":{}})"}) {
        script({says(200, body)});
        const auto result = get();
        ASSERT_FALSE(result) << body;
        EXPECT_EQ(result.error().kind(), ErrorKind::BadAnswer);
        EXPECT_EQ(result.error().describe().find("hunter2"), std::string::npos);
    }
}

TEST_F(ServiceClientTest, DescribeSecretReadsTheVersions) {
    script({says(200, R"({"ARN":"arn","Name":"n","VersionIdsToStages":{"v1":["AWSCURRENT","x"],"v2":[]}})"),
            says(200, "{}"), says(200, R"({"VersionIdsToStages":{"v1":"AWSCURRENT"}})")});
    SecretsManager api(*client_);
    const SecretDescription description = run_on(loop_, api.describe_secret("s")).value();
    EXPECT_EQ(description.arn, "arn");
    ASSERT_TRUE(description.version_ids_to_stages);
    EXPECT_EQ(description.version_ids_to_stages->at("v1"), (std::vector<std::string>{"AWSCURRENT", "x"}));
    EXPECT_TRUE(description.version_ids_to_stages->at("v2").empty());
    EXPECT_FALSE(run_on(loop_, api.describe_secret("s")).value().version_ids_to_stages);
    EXPECT_EQ(run_on(loop_, api.describe_secret("s")).error().kind(), ErrorKind::BadAnswer);
    EXPECT_EQ(sent()[0].headers.at("x-amz-target"), "secretsmanager.DescribeSecret");
}

TEST_F(ServiceClientTest, GetCallerIdentityReadsXml) {
    script(
        {says(200, R"(<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
        <GetCallerIdentityResult><Arn>arn:aws:iam::1:user/a</Arn><UserId>U</UserId><Account>123456789012</Account>
        </GetCallerIdentityResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></GetCallerIdentityResponse>)"),
         says(200, "<x/>"),
         says(403,
              "<ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>m</Message></Error></ErrorResponse>")});
    Sts sts(*client_);
    const CallerIdentity identity = run_on(loop_, sts.get_caller_identity()).value();
    EXPECT_EQ(identity.account, "123456789012");
    EXPECT_EQ(identity.arn, "arn:aws:iam::1:user/a");
    EXPECT_EQ(identity.user_id, "U");
    EXPECT_EQ(sent()[0].body, "Action=GetCallerIdentity&Version=2011-06-15");
    EXPECT_EQ(sent()[0].headers.at("content-type"), "application/x-www-form-urlencoded; charset=utf-8");
    EXPECT_FALSE(sent()[0].headers.contains("x-amz-target"));
    EXPECT_EQ(run_on(loop_, sts.get_caller_identity()).error().kind(), ErrorKind::BadAnswer);
    EXPECT_EQ(run_on(loop_, sts.get_caller_identity()).error().code(), "InvalidClientTokenId");
}

}  // namespace
}  // namespace sma::aws
