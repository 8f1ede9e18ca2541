// SPDX-License-Identifier: Apache-2.0
#include "emulator/service_fixture.hpp"

namespace sma::emulator {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* kMismatch =
    "InvalidSignatureException: The request signature we calculated does not match the signature you provided. Check "
    "your AWS Secret Access Key and signing method. Consult the service documentation for details.";
constexpr const char* kUnknown = "UnrecognizedClientException: The security token included in the request is invalid.";

class AuthenticateTest : public ServiceTest {
protected:
    std::string refused(const Request& request) {
        const Response response = service_.handle(request);
        EXPECT_EQ(response.status, 400U) << text_of(response);
        auto value = aws::parse_json(response.body.reveal());
        if (!value || !value->is_object()) return "not JSON";
        return std::string(value->at("__type").as_string()) + ": " + std::string(value->at("Message").as_string());
    }
    Request signed_list(const Signer& signer = {}) {
        Request request = unsigned_call("ListSecrets", "{}");
        sign(request, signer, clock_.wall_now());
        return request;
    }
    static std::string& header(Request& request, std::string_view name) {
        for (auto& [key, value] : request.headers) {
            if (key == name) return value;
        }
        ADD_FAILURE() << "no header " << name;
        return request.headers.front().second;
    }
};

TEST_F(AuthenticateTest, AcceptsASignedCall) {
    EXPECT_EQ(service_.handle(signed_list()).status, 200U);
}

TEST_F(AuthenticateTest, NeedsAnAuthorization) {
    EXPECT_EQ(refused(unsigned_call("ListSecrets", "{}")),
              "MissingAuthenticationTokenException: Missing Authentication Token");
}

TEST_F(AuthenticateTest, SaysWhichPartsOfTheAuthorizationAreMissing) {
    Request request = unsigned_call("ListSecrets", "{}");
    request.headers.emplace_back("Authorization", "AWS4-HMAC-SHA256 Credential=A/20150830/us-east-1/secretsmanager/"
                                                  "aws4_request");
    EXPECT_EQ(refused(request), "IncompleteSignatureException: Authorization header requires 'Signature' parameter. "
                                "Authorization header requires 'SignedHeaders' parameter.");
    for (const char* garbage : {"", "Bearer abc", "AWS4-HMAC-SHA256",
                                "AWS4-HMAC-SHA256 Credential=a, SignedHeaders=b, "
                                "Signature=c"}) {
        header(request, "Authorization") = garbage;
        EXPECT_EQ(refused(request).substr(0, 28), "IncompleteSignatureException") << garbage;
    }
}

TEST_F(AuthenticateTest, NeedsAReadableDate) {
    Request request = signed_list();
    header(request, "X-Amz-Date") = "yesterday";
    EXPECT_EQ(refused(request).substr(0, 59), "IncompleteSignatureException: Date must be in ISO-8601 'bas");
    std::erase_if(request.headers, [](const auto& one) { return one.first == "X-Amz-Date"; });
    EXPECT_EQ(refused(request), "IncompleteSignatureException: Authorization header requires existence of either a "
                                "'X-Amz-Date' or a 'Date' header.");
}

TEST_F(AuthenticateTest, RefusesAnUnknownKey) {
    EXPECT_EQ(refused(signed_list({.id = "AKIDNOBODY"})), kUnknown);
}

TEST_F(AuthenticateTest, RefusesAWrongSecret) {
    EXPECT_EQ(refused(signed_list({.secret = "guess"})), kMismatch);
}

TEST_F(AuthenticateTest, CoversBodyTargetAndSignedHeaders) {
    Request request = signed_list();
    request.body = SecretBytes("{ }");
    EXPECT_EQ(refused(request), kMismatch);
    request = signed_list();
    header(request, "X-Amz-Target") = "secretsmanager.GetRandomPassword";
    EXPECT_EQ(refused(request), kMismatch);
    request = signed_list();
    request.target = "/other";
    EXPECT_EQ(refused(request), kMismatch);
    request = signed_list();
    request.headers.emplace_back("X-Amz-Target", "secretsmanager.ListSecrets");
    EXPECT_EQ(refused(request), kMismatch);
}

TEST_F(AuthenticateTest, RefusesAScopeOfAnotherRegionServiceOrDay) {
    EXPECT_EQ(refused(signed_list({.region = "eu-west-1"})),
              "InvalidSignatureException: Credential should be scoped to a valid region.");
    EXPECT_EQ(refused(signed_list({.service = "ssm"})),
              "InvalidSignatureException: Credential should be scoped to correct service: 'secretsmanager'.");
    Request request = signed_list();
    std::string& authorization = header(request, "Authorization");
    authorization.replace(authorization.find("20150830"), 8, "20150829");
    EXPECT_EQ(refused(request), "InvalidSignatureException: Date in Credential scope does not match YYYYMMDD from "
                                "ISO-8601 version of date from HTTP: '20150829' != '20150830', from "
                                "'20150830T123600Z'.");
}

TEST_F(AuthenticateTest, AllowsFiveMinutesOfSkew) {
    const Request request = signed_list();
    clock_.advance(minutes(5));
    EXPECT_EQ(service_.handle(request).status, 200U);
    clock_.advance(seconds(1));
    EXPECT_EQ(refused(request), "InvalidSignatureException: Signature expired: 20150830T123600Z is now earlier than "
                                "20150830T123601Z (20150830T124101Z - 5 min.)");
    clock_.advance(-(minutes(10) + seconds(1)));
    EXPECT_EQ(service_.handle(request).status, 200U);
    clock_.advance(-seconds(1));
    EXPECT_EQ(refused(request), "InvalidSignatureException: Signature not yet current: 20150830T123600Z is still later "
                                "than 20150830T123559Z (20150830T123059Z + 5 min.)");
}

TEST_F(AuthenticateTest, EveryHeaderThatMattersIsSigned) {
    Request request = unsigned_call("ListSecrets", "{}");
    std::erase_if(request.headers, [](const auto& one) { return one.first == "Host"; });
    sign(request, {}, clock_.wall_now());
    EXPECT_EQ(refused(request), "InvalidSignatureException: 'Host' or ':authority' must be a 'SignedHeader' in the AWS "
                                "Authorization.");
    request = signed_list();
    request.headers.emplace_back("X-Amz-Extra", "1");
    EXPECT_EQ(refused(request),
              "InvalidSignatureException: 'x-amz-extra' must be a 'SignedHeader' in the AWS Authorization.");
    request = signed_list();
    std::string& authorization = header(request, "Authorization");
    authorization.replace(authorization.find(";x-amz-date"), 11, "");
    EXPECT_EQ(refused(request),
              "InvalidSignatureException: 'X-Amz-Date' must be a 'SignedHeader' in the AWS Authorization.");
    request = signed_list();
    std::erase_if(request.headers, [](const auto& one) { return one.first == "Content-Type"; });
    EXPECT_EQ(refused(request), kMismatch);  // the signature names a header that is not there
    request = signed_list();
    request.headers.emplace_back("X-Amzn-Trace-Id", "Root=1");  // added by proxies: not signed
    EXPECT_EQ(service_.handle(request).status, 200U);
}

TEST_F(AuthenticateTest, ALongTermKeyHasNoToken) {
    EXPECT_EQ(refused(signed_list({.token = "extra"})), kUnknown);
}

TEST_F(AuthenticateTest, ASeededTokenMustMatch) {
    ASSERT_TRUE(service_.accounts().add_key("ASIASEEDED", SecretBytes("s"), SecretBytes("tok/+=="), ""));
    EXPECT_EQ(service_.handle(signed_list({.id = "ASIASEEDED", .secret = "s", .token = "tok/+=="})).status, 200U);
    EXPECT_EQ(refused(signed_list({.id = "ASIASEEDED", .secret = "s"})), kUnknown);
    EXPECT_EQ(refused(signed_list({.id = "ASIASEEDED", .secret = "s", .token = "tok"})), kUnknown);
}

TEST_F(AuthenticateTest, TemporaryKeysExpire) {
    Role role;
    role.arn = "arn:aws:iam::123456789012:role/reader";
    ASSERT_TRUE(service_.accounts().add_role(role));
    const TemporaryKey issued =
        service_.accounts().issue(*service_.accounts().find_role(role.arn), "me", clock_.wall_now() + hours(1));
    const Signer signer{.id = issued.id,
                        .secret = std::string(issued.key->secret.reveal()),
                        .token = std::string(issued.key->session_token.reveal())};
    EXPECT_EQ(service_.handle(signed_list(signer)).status, 200U);
    clock_.advance(hours(1));
    EXPECT_EQ(refused(signed_list(signer)),
              "ExpiredTokenException: The security token included in the request is expired");
}

TEST_F(AuthenticateTest, TheOperationIsLookedUpFirst) {
    EXPECT_EQ(text_of(service_.handle(unsigned_call("RotateEverything", "{}"))),
              R"({"__type":"UnknownOperationException"})");
}

}  // namespace
}  // namespace sma::emulator
