// SPDX-License-Identifier: Apache-2.0
// Routing, GetSecretValue, DescribeSecret, BatchGetSecretValue, GetRandomPassword.
#include "base/ascii.hpp"
#include "emulator/service_fixture.hpp"

#include <algorithm>

namespace sma::emulator {
namespace {

constexpr const char* kNotFound = "ResourceNotFoundException: Secrets Manager can't find the specified secret.";

class ReadTest : public ServiceTest {};

std::string header_of(const Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
        if (ascii::lowered(key) == name) return value;
    }
    return "";
}

TEST_F(ReadTest, AnswersInTheFormOfAws) {
    const std::string arn = create("app/db");
    const Response response = post("GetSecretValue", R"({"SecretId":"app/db"})");
    EXPECT_EQ(response.status, 200U);
    EXPECT_EQ(header_of(response, "content-type"), "application/x-amz-json-1.1");
    EXPECT_EQ(header_of(response, "x-amzn-requestid").size(), 36U);
    EXPECT_EQ(header_of(response, "date"), "Sun, 30 Aug 2015 12:36:00 GMT");
    EXPECT_EQ(text_of(response), R"({"ARN":")" + arn + R"(","CreatedDate":1.44093816E9,"Name":"app/db",)" +
                                     R"("SecretString":"one","VersionId":")" + id(1) +
                                     R"(","VersionStages":["AWSCURRENT"]})");
}

TEST_F(ReadTest, ErrorsAreInTheFormOfAws) {
    const Response response = post("GetSecretValue", R"({"SecretId":"app/db"})");
    EXPECT_EQ(response.status, 400U);
    EXPECT_EQ(header_of(response, "content-type"), "application/x-amz-json-1.1");
    EXPECT_EQ(text_of(response), R"({"__type":"ResourceNotFoundException","Message":)"
                                 R"("Secrets Manager can't find the specified secret."})");
}

TEST_F(ReadTest, DatesHaveMilliseconds) {
    clock_.advance(std::chrono::milliseconds(145) + std::chrono::microseconds(713));
    create("a");
    EXPECT_NE(text_of(post("DescribeSecret", R"({"SecretId":"a"})")).find(R"("CreatedDate":1.440938160145E9)"),
              std::string::npos);
}

TEST_F(ReadTest, WhatIsNoOperationIsUnknown) {
    Request request;
    request.method = "GET";
    request.target = "/";
    EXPECT_EQ(service_.handle(request).status, 404U);
    EXPECT_EQ(text_of(service_.handle(request)), "<UnknownOperationException/>\n");
    request.method = "POST";
    EXPECT_EQ(service_.handle(request).status, 404U);
    request.headers.emplace_back("X-Amz-Target", "AmazonSSM.GetParameter");
    EXPECT_EQ(service_.handle(request).status, 400U);
    EXPECT_EQ(error("", "{}"), "UnknownOperationException");
}

TEST_F(ReadTest, RefusesWhatIsNoJsonObject) {
    for (const char* body : {"{", "[]", "1", "\"x\"", "null", "{\"SecretId\":}", "\xff"}) {
        EXPECT_EQ(error("GetSecretValue", body), "SerializationException") << body;
    }
    EXPECT_EQ(call("ListSecrets", "").size(), 1U);
}

TEST_F(ReadTest, RefusesWrongTypes) {
    EXPECT_EQ(error("GetSecretValue", R"({"SecretId":7})"),
              "SerializationException: NUMBER_VALUE can not be converted to a String");
    EXPECT_EQ(error("GetSecretValue", R"({"SecretId":true})"),
              "SerializationException: TRUE_VALUE can not be converted to a String");
    EXPECT_EQ(error("GetSecretValue", R"({"SecretId":{}})"),
              "SerializationException: Start of structure or map found where not expected.");
    EXPECT_EQ(error("GetSecretValue", R"({"SecretId":["a"]})"),
              "SerializationException: Start of list found where not expected");
    EXPECT_EQ(error("ListSecrets", R"({"MaxResults":"7"})"),
              "SerializationException: STRING_VALUE can not be converted to an Integer");
    EXPECT_EQ(error("BatchGetSecretValue", R"({"SecretIdList":"a"})"), "SerializationException: Expected list or null");
}

TEST_F(ReadTest, ValidatesMembersInTheWordsOfAws) {
    EXPECT_EQ(error("GetSecretValue", "{}"), "ValidationException: 1 validation error detected: Value null at "
                                             "'secretId' failed to satisfy constraint: Member must not be null");
    EXPECT_EQ(error("GetSecretValue", R"({"SecretId":null})"), error("GetSecretValue", "{}"));
    EXPECT_EQ(error("GetSecretValue", R"({"SecretId":""})"),
              "ValidationException: 1 validation error detected: Value '' at 'secretId' failed to satisfy constraint: "
              "Member must have length greater than or equal to 1");
    EXPECT_EQ(error("GetSecretValue", R"({"SecretId":"","VersionId":"short"})"),
              "ValidationException: 2 validation errors detected: Value '' at 'secretId' failed to satisfy constraint: "
              "Member must have length greater than or equal to 1; Value 'short' at 'versionId' failed to satisfy "
              "constraint: Member must have length greater than or equal to 32");
    EXPECT_EQ(error("GetSecretValue", R"({"SecretId":")" + std::string(2049, 'a') + "\"}").substr(0, 60),
              "ValidationException: 1 validation error detected: Value 'aaa");
    EXPECT_EQ(error("GetSecretValue", R"({"SecretId":"no spaces"})"),
              "ValidationException: Invalid name. Must be a valid name containing alphanumeric characters, or any of "
              "the following: -/_+=.@!");
}

TEST_F(ReadTest, FindsByNameArnAndArnWithoutSuffix) {
    const std::string arn = create("app/db");
    ASSERT_TRUE(arn.starts_with("arn:aws:secretsmanager:us-east-1:123456789012:secret:app/db-")) << arn;
    ASSERT_EQ(arn.size(), std::string("arn:aws:secretsmanager:us-east-1:123456789012:secret:app/db-").size() + 6);
    EXPECT_EQ(value("app/db"), "one");
    EXPECT_EQ(value(arn), "one");
    EXPECT_EQ(value(arn.substr(0, arn.size() - 7)), "one");
    const auto missing = [&](const std::string& name) {
        return error("GetSecretValue", R"({"SecretId":")" + name + "\"}");
    };
    EXPECT_EQ(missing("app/db" + arn.substr(arn.size() - 7)), kNotFound);
    EXPECT_EQ(missing(arn.substr(0, arn.size() - 1) + (arn.back() == 'a' ? "b" : "a")), kNotFound);
    EXPECT_EQ(missing("arn:aws:secretsmanager:eu-west-1:123456789012:secret:app/db"), kNotFound);
    EXPECT_EQ(missing("APP/DB"), kNotFound);
    EXPECT_EQ(missing("arn:aws:secretsmanager").substr(0, 19), "ValidationException");
    EXPECT_EQ(missing("arn:aws:secretsmanager:us-east-1:999999999999:secret:app/db"),
              "AccessDeniedException: User: arn:aws:iam::123456789012:user/developer is not authorized to perform: "
              "secretsmanager:GetSecretValue on resource: "
              "arn:aws:secretsmanager:us-east-1:999999999999:secret:app/db because no resource-based policy allows the "
              "secretsmanager:GetSecretValue action");
}

TEST_F(ReadTest, AnArnThatEndsLikeASuffixIsTakenAsComplete) {
    const std::string arn = create("app-abcdef");
    EXPECT_EQ(value("app-abcdef"), "one");
    EXPECT_EQ(value(arn), "one");
    EXPECT_EQ(error("GetSecretValue", R"({"SecretId":")" + arn.substr(0, arn.size() - 7) + "\"}"), kNotFound);
}

TEST_F(ReadTest, SelectsByVersionAndStage) {
    create("a");
    put("a", "two", 2);
    EXPECT_EQ(value("a"), "two");
    EXPECT_EQ(value("a", R"(,"VersionStage":"AWSPREVIOUS")"), "one");
    EXPECT_EQ(value("a", R"(,"VersionId":")" + id(1) + "\""), "one");
    EXPECT_EQ(value("a", R"(,"VersionStage":"AWSPREVIOUS","VersionId":")" + id(1) + "\""), "one");
    EXPECT_EQ(error("GetSecretValue", R"({"SecretId":"a","VersionStage":"AWSCURRENT","VersionId":")" + id(1) + "\"}"),
              "InvalidRequestException: You provided a VersionStage that is not associated to the provided VersionId.");
    EXPECT_EQ(error("GetSecretValue", R"({"SecretId":"a","VersionStage":"NOPE"})"),
              "ResourceNotFoundException: Secrets Manager can't find the specified secret value for staging label: "
              "NOPE");
    EXPECT_EQ(error("GetSecretValue", R"({"SecretId":"a","VersionId":")" + id(9) + "\"}"),
              "ResourceNotFoundException: Secrets Manager can't find the specified secret value for VersionId: " +
                  id(9));
    // A version that lost its last label can still be read by its id.
    put("a", "three", 3);
    EXPECT_EQ(stages("a", 1), "-");
    EXPECT_EQ(value("a", R"(,"VersionId":")" + id(1) + "\""), "one");
}

TEST_F(ReadTest, ASecretWithoutAValueHasNoCurrentVersion) {
    const json::object made = call("CreateSecret", R"({"Name":"empty"})");
    EXPECT_FALSE(made.contains("VersionId"));
    EXPECT_EQ(error("GetSecretValue", R"({"SecretId":"empty"})"),
              "ResourceNotFoundException: Secrets Manager can't find the specified secret value for staging label: "
              "AWSCURRENT");
    EXPECT_FALSE(call("DescribeSecret", R"({"SecretId":"empty"})").contains("VersionIdsToStages"));
}

TEST_F(ReadTest, BinaryValuesAreBase64) {
    call("CreateSecret", R"({"Name":"bin","SecretBinary":"AP8=","ClientRequestToken":")" + id(1) + "\"}");
    const json::object read = call("GetSecretValue", R"({"SecretId":"bin"})");
    EXPECT_EQ(read.at("SecretBinary").as_string(), "AP8=");
    EXPECT_FALSE(read.contains("SecretString"));
}

TEST_F(ReadTest, DescribesEverythingButTheValue) {
    const std::string arn(
        call("CreateSecret", R"({"Name":"full","Description":"d","KmsKeyId":"alias/k","Type":"t","Tags":[{"Key":"k",)"
                             R"("Value":"v"}],"SecretString":"s","ClientRequestToken":")" +
                                 id(1) + "\"}")
            .at("ARN")
            .as_string());
    call("GetSecretValue", R"({"SecretId":"full"})");
    EXPECT_EQ(
        text_of(post("DescribeSecret", R"({"SecretId":"full"})")),
        R"({"ARN":")" + arn +
            R"(","CreatedDate":1.44093816E9,"Description":"d","KmsKeyId":"alias/k","LastAccessedDate":1.4408928E9,)"
            R"("LastChangedDate":1.44093816E9,"Name":"full","Tags":[{"Key":"k","Value":"v"}],"Type":"t",)"
            R"("VersionIdsToStages":{")" +
            id(1) + R"(":["AWSCURRENT"]}})");
    EXPECT_EQ(error("DescribeSecret", R"({"SecretId":"none"})"), kNotFound);
}

TEST_F(ReadTest, ReadingIsNotedByTheDay) {
    create("a");
    EXPECT_FALSE(call("DescribeSecret", R"({"SecretId":"a"})").contains("LastAccessedDate"));
    clock_.advance(std::chrono::hours(24));
    value("a");
    const json::object described = call("DescribeSecret", R"({"SecretId":"a"})");
    EXPECT_EQ(described.at("LastAccessedDate").as_double(), 1'440'979'200.0);
    EXPECT_EQ(described.at("LastChangedDate").as_double(), 1'440'938'160.0);
}

TEST_F(ReadTest, BatchByListTellsFailuresApart) {
    create("a");
    create("gone");
    call("CreateSecret", R"({"Name":"empty"})");
    call("DeleteSecret", R"({"SecretId":"gone"})");
    const json::object batch =
        call("BatchGetSecretValue", R"({"SecretIdList":["a","none","gone","empty","bad name"]})");
    EXPECT_EQ(batch.at("SecretValues").as_array().size(), 1U);
    EXPECT_EQ(batch.at("SecretValues").as_array()[0].at("SecretString").as_string(), "one");
    EXPECT_FALSE(batch.contains("NextToken"));
    const auto& errors = batch.at("Errors").as_array();
    ASSERT_EQ(errors.size(), 4U);
    EXPECT_EQ(errors[0].at("SecretId").as_string(), "none");
    EXPECT_EQ(errors[0].at("ErrorCode").as_string(), "ResourceNotFoundException");
    EXPECT_EQ(errors[0].at("Message").as_string(), "Secrets Manager can't find the specified secret.");
    EXPECT_EQ(errors[1].at("ErrorCode").as_string(), "InvalidRequestException");
    EXPECT_EQ(errors[2].at("ErrorCode").as_string(), "ResourceNotFoundException");
    EXPECT_EQ(errors[3].at("ErrorCode").as_string(), "ValidationException");
}

TEST_F(ReadTest, BatchByFiltersPages) {
    for (int i = 0; i < 5; ++i)
        create("p/" + std::to_string(i), "value " + std::to_string(i));
    create("other");
    std::string seen;
    std::string more;
    int pages = 0;
    do {
        const json::object page =
            call("BatchGetSecretValue", R"({"Filters":[{"Key":"name","Values":["p/"]}],"MaxResults":2)" + more + "}");
        for (const auto& one : page.at("SecretValues").as_array())
            seen += std::string(one.at("Name").as_string()) + " ";
        const auto* token = page.if_contains("NextToken");
        more = token != nullptr ? R"(,"NextToken":")" + std::string(token->as_string()) + "\"" : "";
        ++pages;
    } while (!more.empty());
    EXPECT_EQ(seen, "p/0 p/1 p/2 p/3 p/4 ");
    EXPECT_EQ(pages, 3);
}

TEST_F(ReadTest, BatchNeedsOneKindOfSelection) {
    EXPECT_EQ(error("BatchGetSecretValue", "{}"),
              "InvalidParameterException: Either 'SecretIdList' or 'Filters' must be provided, but not both.");
    EXPECT_EQ(error("BatchGetSecretValue", R"({"SecretIdList":["a"],"Filters":[{"Key":"name","Values":["a"]}]})"),
              "InvalidParameterException: Either 'SecretIdList' or 'Filters' must be provided, but not both.");
    EXPECT_EQ(
        error("BatchGetSecretValue", R"({"SecretIdList":["a"],"MaxResults":1})"),
        "InvalidParameterException: 'Filters' not specified. 'Filters' must also be specified when 'MaxResults' is "
        "provided.");
    EXPECT_EQ(error("BatchGetSecretValue", R"({"SecretIdList":[]})"),
              "ValidationException: 1 validation error detected: Value '[]' at 'secretIdList' failed to satisfy "
              "constraint: Member must have length greater than or equal to 1");
    std::string many = "\"a\"";
    for (int i = 0; i < 20; ++i)
        many += ",\"a\"";
    EXPECT_NE(error("BatchGetSecretValue", "{\"SecretIdList\":[" + many + "]}")
                  .find("at 'secretIdList' failed to satisfy constraint: Member must have length less than or equal to "
                        "20"),
              std::string::npos);
}

class PasswordTest : public ServiceTest {
protected:
    std::string password(const std::string& body) {
        return std::string(call("GetRandomPassword", body).at("RandomPassword").as_string());
    }
    static bool has(const std::string& text, std::string_view any) {
        return text.find_first_of(any) != std::string::npos;
    }
    static constexpr std::string_view kLower = "abcdefghijklmnopqrstuvwxyz";
    static constexpr std::string_view kUpper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static constexpr std::string_view kDigits = "0123456789";
};

TEST_F(PasswordTest, HasEveryKindOfCharacter) {
    for (int i = 0; i < 50; ++i) {
        const std::string made = password(R"({"PasswordLength":4})");
        EXPECT_EQ(made.size(), 4U);
        EXPECT_TRUE(has(made, kLower) && has(made, kUpper) && has(made, kDigits)) << made;
        EXPECT_TRUE(has(made, "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")) << made;
    }
    EXPECT_EQ(password("{}").size(), 32U);
    EXPECT_NE(password("{}"), password("{}"));
    EXPECT_EQ(password(R"({"PasswordLength":4096})").size(), 4096U);
}

TEST_F(PasswordTest, LeavesOutWhatIsExcluded) {
    const std::string digits = password(R"({"PasswordLength":200,"ExcludeLowercase":true,"ExcludeUppercase":true,)"
                                        R"("ExcludePunctuation":true,"ExcludeCharacters":"0189"})");
    EXPECT_TRUE(std::ranges::all_of(digits, [](char c) { return c >= '2' && c <= '7'; })) << digits;
    EXPECT_TRUE(has(password(R"({"IncludeSpace":true})"), " "));
    EXPECT_FALSE(has(password(R"({"PasswordLength":500,"ExcludeNumbers":true})"), kDigits));
    EXPECT_EQ(password(R"({"PasswordLength":1,"RequireEachIncludedType":false})").size(), 1U);
}

TEST_F(PasswordTest, RefusesTheImpossible) {
    EXPECT_EQ(error("GetRandomPassword", R"({"PasswordLength":3})"),
              "InvalidParameterException: Password length is too short based on the required types.");
    EXPECT_EQ(error("GetRandomPassword", R"({"PasswordLength":4097})"),
              "ValidationException: 1 validation error detected: Value '4097' at 'passwordLength' failed to satisfy "
              "constraint: Member must have value less than or equal to 4096");
    EXPECT_EQ(error("GetRandomPassword", R"({"PasswordLength":0})"),
              "ValidationException: 1 validation error detected: Value '0' at 'passwordLength' failed to satisfy "
              "constraint: Member must have value greater than or equal to 1");
    EXPECT_EQ(error("GetRandomPassword", R"({"ExcludeLowercase":true,"ExcludeUppercase":true,"ExcludeNumbers":true,)"
                                         R"("ExcludePunctuation":true})"),
              "InvalidParameterException: No characters are left to generate a password from.");
}

}  // namespace
}  // namespace sma::emulator
