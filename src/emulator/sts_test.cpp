// SPDX-License-Identifier: Apache-2.0
// GetCallerIdentity, AssumeRole, and what an assumed role may not read.
#include "aws/endpoint.hpp"
#include "emulator/service_fixture.hpp"

namespace sma::emulator {
namespace {

using std::chrono::seconds;

constexpr const char* kReader = "arn:aws:iam::123456789012:role/team/reader";

class StsTest : public ServiceTest {
protected:
    StsTest() {
        Role reader{.arn = kReader, .denied_secrets = {"closed", "vault/*"}};
        EXPECT_TRUE(service_.accounts().add_role(std::move(reader)));
        EXPECT_TRUE(
            service_.accounts().add_role({.arn = "arn:aws:iam::123456789012:role/forbidden", .allowed = false}));
        EXPECT_TRUE(service_.accounts().add_role(
            {.arn = "arn:aws:iam::123456789012:role/partner", .external_id = "shibboleth"}));
    }
    static std::string element(const std::string& xml, const std::string& name) {
        const std::size_t start = xml.find("<" + name + ">");
        if (start == std::string::npos) return "";
        const std::size_t from = start + name.size() + 2;
        return xml.substr(from, xml.find("</" + name + ">") - from);
    }
    /// "status code: message"
    std::string refused(const std::string& body, const Signer& signer = {}) {
        const Response response = form(body, signer);
        const std::string xml = text_of(response);
        return std::to_string(response.status) + " " + element(xml, "Code") + ": " + element(xml, "Message");
    }
    static std::string assume(const std::string& role, const std::string& more = "") {
        return "Action=AssumeRole&Version=2011-06-15&RoleArn=" + role + "&RoleSessionName=me" + more;
    }
    Signer assumed(const std::string& role = kReader, const Signer& by = {}) {
        const Response response = form(assume(role), by);
        EXPECT_EQ(response.status, 200U) << text_of(response);
        const std::string xml = text_of(response);
        return {.id = element(xml, "AccessKeyId"),
                .secret = element(xml, "SecretAccessKey"),
                .token = element(xml, "SessionToken")};
    }
    static std::string denied(const std::string& action, const std::string& secret) {
        return "AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/reader/me is not authorized to "
               "perform: secretsmanager:" +
               action + " on resource: " + secret +
               " because no identity-based policy allows the secretsmanager:" + action + " action";
    }
};

TEST_F(StsTest, SaysWhoCalls) {
    const Response response = form("Action=GetCallerIdentity&Version=2011-06-15");
    EXPECT_EQ(response.status, 200U);
    const std::string xml = text_of(response);
    EXPECT_TRUE(xml.starts_with("<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
                                "<GetCallerIdentityResult>"));
    EXPECT_EQ(element(xml, "Arn"), "arn:aws:iam::123456789012:user/developer");
    EXPECT_EQ(element(xml, "Account"), "123456789012");
    EXPECT_TRUE(element(xml, "UserId").starts_with("AIDA"));
    EXPECT_EQ(element(xml, "RequestId").size(), 36U);
}

TEST_F(StsTest, TheAccountIsTheCallersOwn) {
    ASSERT_TRUE(service_.accounts().add_key("AKIAOTHER", SecretBytes("s"), {}, "arn:aws:iam::999999999999:user/x"));
    const Response response = form("Action=GetCallerIdentity", {.id = "AKIAOTHER", .secret = "s"});
    EXPECT_EQ(element(text_of(response), "Account"), "999999999999");
}

TEST_F(StsTest, HandsOutTemporaryKeys) {
    const Response response = form(assume(kReader, "&DurationSeconds=900"));
    ASSERT_EQ(response.status, 200U) << text_of(response);
    const std::string xml = text_of(response);
    EXPECT_TRUE(xml.starts_with("<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
                                "<AssumeRoleResult>"));
    EXPECT_TRUE(element(xml, "AccessKeyId").starts_with("ASIA"));
    EXPECT_EQ(element(xml, "AccessKeyId").size(), 20U);
    EXPECT_EQ(element(xml, "SecretAccessKey").size(), 40U);
    EXPECT_EQ(element(xml, "Expiration"), "2015-08-30T12:51:00Z");
    EXPECT_EQ(element(xml, "Arn"), "arn:aws:sts::123456789012:assumed-role/reader/me");
    EXPECT_TRUE(element(xml, "AssumedRoleId").ends_with(":me"));
}

TEST_F(StsTest, TemporaryKeysWorkUntilTheyExpire) {
    create("open");
    const Signer role = assumed();
    EXPECT_EQ(call("GetSecretValue", R"({"SecretId":"open"})", role).at("SecretString").as_string(), "one");
    EXPECT_EQ(element(text_of(form("Action=GetCallerIdentity", role)), "Arn"),
              "arn:aws:sts::123456789012:assumed-role/reader/me");
    clock_.advance(seconds(3600));
    EXPECT_EQ(refused("Action=GetCallerIdentity", role),
              "403 ExpiredToken: The security token included in the request is expired");
}

TEST_F(StsTest, DeniedSecretsAreDenied) {
    create("open");
    const std::string arn = create("closed");
    create("vault/x");
    const Signer role = assumed();
    EXPECT_EQ(error("GetSecretValue", R"({"SecretId":"closed"})", role), denied("GetSecretValue", "closed"));
    EXPECT_EQ(error("GetSecretValue", R"({"SecretId":")" + arn + "\"}", role), denied("GetSecretValue", arn));
    const std::string partial = arn.substr(0, arn.size() - 7);
    EXPECT_EQ(error("GetSecretValue", R"({"SecretId":")" + partial + "\"}", role), denied("GetSecretValue", partial));
    EXPECT_EQ(error("DescribeSecret", R"({"SecretId":"vault/x"})", role), denied("DescribeSecret", "vault/x"));
    EXPECT_EQ(error("GetSecretValue", R"({"SecretId":"vault/unmade"})", role),
              denied("GetSecretValue", "vault/unmade"));
    EXPECT_EQ(error("CreateSecret", R"({"Name":"vault/y"})", role), denied("CreateSecret", "vault/y"));
    const json::object batch = call("BatchGetSecretValue", R"({"SecretIdList":["open","closed"]})", role);
    EXPECT_EQ(batch.at("SecretValues").as_array().size(), 1U);
    EXPECT_EQ(batch.at("Errors").as_array()[0].at("ErrorCode").as_string(), "AccessDeniedException");
    const json::object filtered =
        call("BatchGetSecretValue", R"({"Filters":[{"Key":"name","Values":["closed"]}]})", role);
    EXPECT_EQ(filtered.at("Errors").as_array().size(), 1U);
    EXPECT_EQ(value("closed"), "one");  // the user may
}

TEST_F(StsTest, RolesMayBeForbiddenUnknownOrConditional) {
    const auto no = [](const std::string& role) {
        return "403 AccessDenied: User: arn:aws:iam::123456789012:user/developer is not authorized to perform: "
               "sts:AssumeRole on resource: " +
               role;
    };
    const std::string forbidden = "arn:aws:iam::123456789012:role/forbidden";
    const std::string unknown = "arn:aws:iam::123456789012:role/unknown";
    const std::string partner = "arn:aws:iam::123456789012:role/partner";
    EXPECT_EQ(refused(assume(forbidden)), no(forbidden));
    EXPECT_EQ(refused(assume(unknown)), no(unknown));
    EXPECT_EQ(refused(assume(partner)), no(partner));
    EXPECT_EQ(refused(assume(partner, "&ExternalId=guess")), no(partner));
    EXPECT_EQ(form(assume(partner, "&ExternalId=shibboleth")).status, 200U);
    EXPECT_EQ(form(assume(kReader, "&ExternalId=not-needed")).status, 200U);
}

TEST_F(StsTest, ValidatesParameters) {
    const std::string one = "400 ValidationError: 1 validation error detected: ";
    EXPECT_EQ(refused("Action=AssumeRole&RoleArn=" + std::string(kReader) + "&RoleSessionName=a%20b"),
              one + "Value 'a b' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular "
                    "expression pattern: [\\w+=,.@-]*");
    EXPECT_EQ(refused("Action=AssumeRole&RoleArn=" + std::string(kReader) + "&RoleSessionName=a"),
              one + "Value 'a' at 'roleSessionName' failed to satisfy constraint: Member must have length greater than "
                    "or equal to 2");
    EXPECT_EQ(refused("Action=AssumeRole&RoleSessionName=me"),
              one + "Value null at 'roleArn' failed to satisfy constraint: Member must not be null");
    EXPECT_EQ(
        refused("Action=AssumeRole"),
        "400 ValidationError: 2 validation errors detected: Value null at 'roleArn' failed to satisfy constraint: "
        "Member must not be null; Value null at 'roleSessionName' failed to satisfy constraint: Member must not be "
        "null");
    EXPECT_EQ(refused(assume("reader-that-is-no-arn")), "400 ValidationError: reader-that-is-no-arn is invalid");
    EXPECT_EQ(refused(assume(kReader, "&DurationSeconds=899")),
              one +
                  "Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than "
                  "or equal to 900");
    EXPECT_EQ(refused(assume(kReader, "&DurationSeconds=43201")),
              one + "Value '43201' at 'durationSeconds' failed to satisfy constraint: Member must have value less than "
                    "or equal to 43200");
    EXPECT_EQ(refused(assume(kReader, "&DurationSeconds=soon")), "400 MalformedInput: DurationSeconds is not a number");
    EXPECT_EQ(refused(assume(kReader, "&ExternalId=a%3Cb")),
              one +
                  "Value 'a&lt;b' at 'externalId' failed to satisfy constraint: Member must satisfy regular expression "
                  "pattern: [\\w+=,.@:\\/-]*");
}

TEST_F(StsTest, ChainedRolesLastAnHour) {
    const Signer first = assumed();
    EXPECT_EQ(form(assume(kReader), first).status, 200U);
    EXPECT_EQ(
        refused(assume(kReader, "&DurationSeconds=3601"), first),
        "400 ValidationError: The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by "
        "role chaining");
}

TEST_F(StsTest, UnknownActions) {
    EXPECT_EQ(refused("Action=GetSessionToken&Version=2011-06-15"),
              "400 InvalidAction: Could not find operation GetSessionToken for version 2011-06-15");
    EXPECT_EQ(refused("Version=2011-06-15"), "400 MissingAction: The request must contain the parameter Action");
}

TEST_F(StsTest, NamesAuthenticationErrorsAsSts) {
    EXPECT_EQ(refused("Action=GetCallerIdentity", {.id = "AKIDNOBODY"}),
              "403 InvalidClientTokenId: The security token included in the request is invalid.");
    EXPECT_EQ(refused("Action=GetCallerIdentity", {.secret = "guess"}).substr(0, 26), "403 SignatureDoesNotMatch:");
    EXPECT_EQ(refused("Action=GetCallerIdentity", {.region = "eu-west-1"}),
              "403 SignatureDoesNotMatch: Credential should be scoped to a valid region.");
    const Response missing = service_.handle(unsigned_form("Action=GetCallerIdentity"));
    EXPECT_EQ(missing.status, 403U);
    EXPECT_EQ(element(text_of(missing), "Code"), "MissingAuthenticationToken");
    Request request = unsigned_form("Action=GetCallerIdentity");
    request.headers.emplace_back("Authorization", "nonsense");
    const Response incomplete = service_.handle(request);
    EXPECT_EQ(incomplete.status, 400U);
    EXPECT_EQ(element(text_of(incomplete), "Code"), "IncompleteSignature");
}

TEST(StsRegionTest, AcceptsTheGlobalEndpointsRegion) {
    sma::testing::FakeClock clock;
    Service service(clock, "eu-west-1", "123456789012");
    ASSERT_TRUE(service.accounts().add_key(kAccessKeyId, SecretBytes(kSecretAccessKey), {}, ""));
    for (const char* region : {"eu-west-1", "us-east-1"}) {
        Request request = unsigned_form("Action=GetCallerIdentity");
        sign(request, {.region = region, .service = "sts"}, clock.wall_now());
        EXPECT_EQ(service.handle(request).status, 200U) << region;
    }
}

TEST(StsRegionTest, OtherPartitions) {
    sma::testing::FakeClock clock;
    Service service(clock, "cn-north-1", "123456789012");
    ASSERT_TRUE(service.accounts().add_key(kAccessKeyId, SecretBytes(kSecretAccessKey), {}, ""));
    EXPECT_EQ(service.accounts().find_key(kAccessKeyId)->identity.arn, "arn:aws-cn:iam::123456789012:user/developer");
    EXPECT_TRUE(
        service.store().new_arn("a").starts_with("arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:a-"));
    EXPECT_EQ(aws::partition_name("us-isob-east-1"), "aws-iso-b");
    EXPECT_EQ(aws::partition_name("us-gov-west-1"), "aws-us-gov");
}

TEST(AccountsTest, ForgetsTheOldestTemporaryKeys) {
    Accounts accounts("us-east-1", "123456789012");
    ASSERT_TRUE(accounts.add_role({.arn = kReader}));
    const Role& role = *accounts.find_role(kReader);
    const std::string first = accounts.issue(role, "me", {}).id;
    for (int i = 0; i < 999; ++i)
        static_cast<void>(accounts.issue(role, "me", {}));
    EXPECT_NE(accounts.find_key(first), nullptr);
    const std::string last = accounts.issue(role, "me", {}).id;
    EXPECT_EQ(accounts.find_key(first), nullptr);
    EXPECT_NE(accounts.find_key(last), nullptr);
}

}  // namespace
}  // namespace sma::emulator
