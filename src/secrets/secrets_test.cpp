// SPDX-License-Identifier: Apache-2.0
#include "secrets/loader.hpp"
#include "secrets/render.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace sma::secrets {
namespace {

using cache::Disposition;
using cache::Key;

aws::SecretValue example() {
    aws::SecretValue value;
    value.arn = "arn:aws:secretsmanager:us-west-2:123456789012:secret:MyTest-NhBWsc";
    value.name = "MyTest";
    value.version_id = "5767290c-d089-49ed-b97c-17086f8c9d79";
    value.secret_string.emplace("hunter2");
    value.version_stages = {"AWSCURRENT"};
    value.created_date = 1569534789.046;
    return value;
}

TEST(RenderTest, IsTheReferencesBody) {
    EXPECT_EQ(render(example()).reveal(),
              R"({"ARN":"arn:aws:secretsmanager:us-west-2:123456789012:secret:MyTest-NhBWsc","Name":"MyTest",)"
              R"("VersionId":"5767290c-d089-49ed-b97c-17086f8c9d79","SecretString":"hunter2",)"
              R"("VersionStages":["AWSCURRENT"],"CreatedDate":"1569534789.046"})");
}

TEST(RenderTest, OmitsAndNullsWhatIsAbsent) {
    EXPECT_EQ(render({}).reveal(), R"({"ARN":null,"Name":null,"VersionId":null,"CreatedDate":null})");
    aws::SecretValue binary;
    binary.secret_binary.emplace("AAEC/w==");
    binary.version_stages.emplace();
    EXPECT_EQ(render(binary).reveal(), R"({"ARN":null,"Name":null,"VersionId":null,"SecretBinary":"AAEC/w==",)"
                                       R"("VersionStages":[],"CreatedDate":null})");
}

TEST(RenderTest, EscapesAsTheReferenceDoes) {
    aws::SecretValue value;
    value.secret_string.emplace(std::string_view("\"\\/\b\f\n\r\t\x01\x1f\x7f\0\xe2\x80\xa8\xc3\xa9", 17));
    EXPECT_NE(render(value).reveal().find("\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\\u0000\xe2\x80\xa8\xc3\xa9\""),
              std::string_view::npos)
        << render(value).reveal();
}

TEST(RenderTest, LongSecretsArriveWhole) {
    aws::SecretValue value;
    value.secret_string.emplace(std::string(65'536, '"'));
    const SecretBytes body = render(value);
    EXPECT_EQ(std::ranges::count(body.reveal(), '\\'), 65'536);
}

TEST(RenderTest, DatesAreTheShortestDecimal) {
    EXPECT_EQ(created_date_text(1569534789.046), "1569534789.046");
    EXPECT_EQ(created_date_text(1.569534789046E9), "1569534789.046");
    EXPECT_EQ(created_date_text(1523477145), "1523477145");
    EXPECT_EQ(created_date_text(1523477145.5), "1523477145.5");
    EXPECT_EQ(created_date_text(1523477145.1234567), "1523477145.1234567");
    EXPECT_EQ(created_date_text(1e22), "10000000000000000000000");
    EXPECT_EQ(created_date_text(-0.5), "-0.5");
}

TEST(DispositionTest, TroubleIsBridgedAndADefiniteNoObeyed) {
    for (const ErrorKind kind :
         {ErrorKind::Timeout, ErrorKind::Connection, ErrorKind::Truncated, ErrorKind::Closed, ErrorKind::BadAnswer}) {
        EXPECT_EQ(disposition(Error(kind, "")), Disposition::Transient) << to_string(kind);
    }
    for (const ErrorKind kind : {ErrorKind::NoCredentials, ErrorKind::NoRegion, ErrorKind::Internal}) {
        EXPECT_EQ(disposition(Error(kind, "")), Disposition::Other) << to_string(kind);
    }
    EXPECT_EQ(disposition(Error::service("InternalServiceError", "", 500)), Disposition::Transient);
    EXPECT_EQ(disposition(Error::service("", "", 503)), Disposition::Transient);
    EXPECT_EQ(disposition(Error::service("ThrottlingException", "", 400)), Disposition::Transient);
    EXPECT_EQ(disposition(Error::service("X", "", 429)), Disposition::Transient);
    EXPECT_EQ(disposition(Error::service("X", "", 501)), Disposition::Transient);
    EXPECT_EQ(disposition(Error::service("RequestTimeout", "", 400)), Disposition::Transient);
    EXPECT_EQ(disposition(Error::service("LimitExceededException", "", 400)), Disposition::Other);
    for (const char* code :
         {"ResourceNotFoundException", "AccessDeniedException", "InvalidRequestException", "DecryptionFailure"}) {
        EXPECT_EQ(disposition(Error::service(code, "", 400)), Disposition::Definite) << code;
    }
    EXPECT_EQ(disposition(Error::service("ExpiredTokenException", "", 400)), Disposition::Other);
    EXPECT_EQ(disposition(Error::service("InvalidParameterException", "", 400)), Disposition::Other);
}

TEST(IsCurrentTest, FollowsTheTable) {
    cache::Value cached;
    cached.version = "v2";
    aws::SecretDescription described;
    const auto current = [&](std::optional<std::string> version, std::optional<std::string> stage) {
        return is_current(Key("id", std::move(version), std::move(stage)), cached, described);
    };
    EXPECT_FALSE(current({}, {}));  // no map: never
    EXPECT_FALSE(current("v2", {}));

    described.version_ids_to_stages = {{"v1", {"AWSPREVIOUS"}}, {"v2", {"AWSCURRENT", "BLUE"}}, {"v3", {"AWSPENDING"}}};
    EXPECT_TRUE(current({}, {}));
    EXPECT_TRUE(current({}, "BLUE"));
    EXPECT_FALSE(current({}, "AWSPENDING"));  // on another version by now
    EXPECT_TRUE(current("v1", {}));           // exists, whatever its stages
    EXPECT_FALSE(current("v9", {}));
    EXPECT_TRUE(current("v3", "AWSPENDING"));
    EXPECT_FALSE(current("v3", "AWSCURRENT"));

    cached.version = "v1";
    EXPECT_FALSE(current({}, {}));  // AWSCURRENT moved
}

}  // namespace
}  // namespace sma::secrets
