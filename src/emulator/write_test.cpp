// SPDX-License-Identifier: Apache-2.0
// CreateSecret, PutSecretValue, UpdateSecret, UpdateSecretVersionStage, DeleteSecret, RestoreSecret, tags.
#include "emulator/service_fixture.hpp"

namespace sma::emulator {
namespace {

using std::chrono::days;
using std::chrono::hours;

constexpr const char* kMarked =
    "InvalidRequestException: You can't perform this operation on the secret because it was "
    "marked for deletion.";

class WriteTest : public ServiceTest {
protected:
    std::string in_use(const std::string& arn, int version) {
        return "ResourceExistsException: You can't use ClientRequestToken " + id(version) +
               " because that value is already in use for a version of secret " + arn + ".";
    }
    std::string token(int version) { return R"(,"ClientRequestToken":")" + id(version) + "\""; }
};

TEST_F(WriteTest, CreateIsIdempotent) {
    const std::string arn = create("a");
    EXPECT_EQ(create("a"), arn);
    EXPECT_EQ(error("CreateSecret", R"({"Name":"a","SecretString":"other")" + token(1) + "}"), in_use(arn, 1));
    EXPECT_EQ(error("CreateSecret", R"({"Name":"a","SecretString":"one")" + token(2) + "}"),
              "ResourceExistsException: The operation failed because the secret a already exists.");
    EXPECT_EQ(error("CreateSecret", R"({"Name":"a"})"),
              "ResourceExistsException: The operation failed because the secret a already exists.");
    EXPECT_EQ(stages("a", 1), "AWSCURRENT");
}

TEST_F(WriteTest, CreateChecksTheName) {
    EXPECT_EQ(error("CreateSecret", "{}"), "ValidationException: 1 validation error detected: Value null at 'name' "
                                           "failed to satisfy constraint: Member must not be null");
    EXPECT_NE(error("CreateSecret", R"({"Name":")" + std::string(513, 'n') + "\"}").find("less than or equal to 512"),
              std::string::npos);
    for (const char* name : {"a b", "a:b", "a\\u00e9", "a*", "a,b"}) {
        EXPECT_EQ(error("CreateSecret", std::string(R"({"Name":")") + name + "\"}"),
                  "ValidationException: Invalid name. Must be a valid name containing alphanumeric characters, or any "
                  "of the following: -/_+=.@!")
            << name;
    }
    call("CreateSecret", R"({"Name":"Az09/_+=.@-"})");
    call("CreateSecret", R"({"Name":")" + std::string(512, 'n') + "\"}");
}

TEST_F(WriteTest, ValuesHaveLimits) {
    const std::string most(65'536, 'x');
    EXPECT_EQ(error("CreateSecret", R"({"Name":"a","SecretString":")" + most + "x\"" + token(1) + "}"),
              "ValidationException: 1 validation error detected: Value at 'secretString' failed to satisfy constraint: "
              "Member must have length less than or equal to 65536");
    create("a", most);
    EXPECT_EQ(value("a"), most);
    EXPECT_EQ(error("PutSecretValue", R"({"SecretId":"a","SecretString":"")" + token(2) + "}"),
              "ValidationException: 1 validation error detected: Value at 'secretString' failed to satisfy constraint: "
              "Member must have length greater than or equal to 1");
    EXPECT_EQ(error("PutSecretValue", R"({"SecretId":"a","SecretBinary":"###")" + token(2) + "}"),
              "SerializationException: SecretBinary is not valid base64");
    EXPECT_EQ(error("PutSecretValue", R"({"SecretId":"a","SecretString":1)" + token(2) + "}"),
              "SerializationException: NUMBER_VALUE can not be converted to a String");
    EXPECT_EQ(error("PutSecretValue", R"({"SecretId":"a","SecretString":"s","SecretBinary":"AA==")" + token(2) + "}"),
              "InvalidParameterException: You can't specify both a binary secret value and a string secret value in "
              "the same secret.");
    EXPECT_EQ(error("PutSecretValue", R"({"SecretId":"a")" + token(2) + "}"),
              "InvalidRequestException: You must provide either SecretString or SecretBinary.");
}

TEST_F(WriteTest, AValueNeedsAToken) {
    const char* needed =
        "InvalidRequestException: You must provide a ClientRequestToken value. We recommend a UUID-type "
        "value.";
    create("a");
    EXPECT_EQ(error("CreateSecret", R"({"Name":"b","SecretString":"s"})"), needed);
    EXPECT_EQ(error("PutSecretValue", R"({"SecretId":"a","SecretString":"s"})"), needed);
    EXPECT_EQ(error("UpdateSecret", R"({"SecretId":"a","SecretString":"s"})"), needed);
    EXPECT_NE(error("PutSecretValue", R"({"SecretId":"a","SecretString":"s","ClientRequestToken":"short"})")
                  .find("Value 'short' at 'clientRequestToken' failed to satisfy constraint: Member must have length "
                        "greater than or equal to 32"),
              std::string::npos);
}

TEST_F(WriteTest, ReplicasAreRefused) {
    EXPECT_EQ(error("CreateSecret", R"({"Name":"a","AddReplicaRegions":[{"Region":"eu-west-1"}]})"),
              "InvalidParameterException: This emulator has one region: AddReplicaRegions is not supported.");
}

TEST_F(WriteTest, PutMovesTheLabels) {
    const std::string arn = create("a");
    const json::object made = put("a", "two", 2);
    EXPECT_EQ(made.at("ARN").as_string(), arn);
    EXPECT_EQ(made.at("Name").as_string(), "a");
    EXPECT_EQ(made.at("VersionId").as_string(), id(2));
    EXPECT_EQ(json::serialize(made.at("VersionStages")), R"(["AWSCURRENT"])");
    EXPECT_EQ(stages("a", 1), "AWSPREVIOUS");
    put("a", "three", 3);
    EXPECT_EQ(stages("a", 1), "-");
    EXPECT_EQ(stages("a", 2), "AWSPREVIOUS");
    EXPECT_EQ(stages("a", 3), "AWSCURRENT");
}

TEST_F(WriteTest, PutIsIdempotent) {
    const std::string arn = create("a");
    put("a", "two", 2);
    put("a", "two", 2);
    EXPECT_EQ(stages("a", 1), "AWSPREVIOUS");
    EXPECT_EQ(error("PutSecretValue", R"({"SecretId":"a","SecretString":"else")" + token(2) + "}"), in_use(arn, 2));
    EXPECT_EQ(error("PutSecretValue", R"({"SecretId":"a","SecretBinary":"dHdv")" + token(2) + "}"), in_use(arn, 2));
}

TEST_F(WriteTest, PutWithStagesLeavesTheCurrentVersion) {
    create("a");
    put("a", "two", 2, R"(["AWSPENDING","mine"])");
    EXPECT_EQ(value("a"), "one");
    EXPECT_EQ(value("a", R"(,"VersionStage":"AWSPENDING")"), "two");
    put("a", "three", 3, R"(["AWSPENDING"])");
    EXPECT_EQ(stages("a", 2), "mine");
    EXPECT_EQ(stages("a", 3), "AWSPENDING");
    EXPECT_EQ(stages("a", 1), "AWSCURRENT");
    EXPECT_NE(error("PutSecretValue", R"({"SecretId":"a","SecretString":"s","VersionStages":[])" + token(4) + "}")
                  .find("Value '[]' at 'versionStages'"),
              std::string::npos);
    EXPECT_NE(error("PutSecretValue", R"({"SecretId":"a","SecretString":"s","VersionStages":[""])" + token(4) + "}")
                  .find("Value '' at 'versionStages.1.member'"),
              std::string::npos);
}

TEST_F(WriteTest, TheFirstVersionIsCurrentWhateverItsStages) {
    call("CreateSecret", R"({"Name":"a"})");
    put("a", "one", 1, R"(["AWSPENDING"])");
    EXPECT_EQ(stages("a", 1), "AWSPENDING AWSCURRENT");
}

TEST_F(WriteTest, UpdateChangesWhatItIsGiven) {
    const std::string arn = create("a");
    clock_.advance(hours(1));
    json::object made = call("UpdateSecret", R"({"SecretId":"a","Description":"new","KmsKeyId":"k"})");
    EXPECT_FALSE(made.contains("VersionId"));
    EXPECT_EQ(value("a"), "one");
    made = call("UpdateSecret", R"({"SecretId":"a","SecretString":"two")" + token(2) + "}");
    EXPECT_EQ(made.at("VersionId").as_string(), id(2));
    EXPECT_EQ(value("a"), "two");
    EXPECT_EQ(stages("a", 1), "AWSPREVIOUS");
    const json::object described = call("DescribeSecret", R"({"SecretId":"a"})");
    EXPECT_EQ(described.at("Description").as_string(), "new");
    EXPECT_EQ(described.at("KmsKeyId").as_string(), "k");
    EXPECT_EQ(described.at("LastChangedDate").as_double() - described.at("CreatedDate").as_double(), 3600.0);
    // Unlike Put, the same data is no excuse.
    EXPECT_EQ(error("UpdateSecret", R"({"SecretId":"a","SecretString":"two")" + token(2) + "}"), in_use(arn, 2));
}

TEST_F(WriteTest, ThereMayBeAHundredDeprecatedVersions) {
    create("a");
    for (int i = 2; i <= 110; ++i)
        put("a", "v", i);
    const auto count = [&] {
        std::size_t all = 0;
        std::string more;
        do {
            const json::object page = call("ListSecretVersionIds",
                                           R"({"SecretId":"a","IncludeDeprecated":true,"MaxResults":50)" + more + "}");
            all += page.at("Versions").as_array().size();
            const auto* next = page.if_contains("NextToken");
            more = next != nullptr ? R"(,"NextToken":")" + std::string(next->as_string()) + "\"" : "";
        } while (!more.empty());
        return all;
    };
    EXPECT_EQ(count(), 110U);  // younger than a day: none goes
    clock_.advance(hours(25));
    put("a", "v", 111);
    EXPECT_EQ(count(), 102U);
    EXPECT_EQ(error("GetSecretValue", R"({"SecretId":"a","VersionId":")" + id(1) + "\"}").substr(0, 25),
              "ResourceNotFoundException");
}

class StageTest : public WriteTest {
protected:
    StageTest() {
        create("a");
        put("a", "two", 2);
        put("a", "three", 3, R"(["AWSPENDING"])");
    }
    static std::string move(const std::string& stage, int from, int to) {
        std::string body = R"({"SecretId":"a","VersionStage":")" + stage + "\"";
        if (from > 0) body += R"(,"RemoveFromVersionId":")" + id(from) + "\"";
        if (to > 0) body += R"(,"MoveToVersionId":")" + id(to) + "\"";
        return body + "}";
    }
};

TEST_F(StageTest, MovingCurrentLeavesPreviousBehind) {
    const json::object made = call("UpdateSecretVersionStage", move("AWSCURRENT", 2, 3));
    EXPECT_EQ(made.at("Name").as_string(), "a");
    EXPECT_EQ(stages("a", 3), "AWSPENDING AWSCURRENT");
    EXPECT_EQ(stages("a", 2), "AWSPREVIOUS");
    EXPECT_EQ(stages("a", 1), "-");
    call("UpdateSecretVersionStage", move("AWSPENDING", 3, 0));
    EXPECT_EQ(stages("a", 3), "AWSCURRENT");
    call("UpdateSecretVersionStage", move("AWSCURRENT", 3, 2));  // back again
    EXPECT_EQ(stages("a", 2), "AWSCURRENT");
    EXPECT_EQ(stages("a", 3), "AWSPREVIOUS");
}

TEST_F(StageTest, TheHolderOfALabelMustBeNamed) {
    EXPECT_EQ(
        error("UpdateSecretVersionStage", move("AWSCURRENT", 0, 3)),
        "InvalidParameterException: The parameter RemoveFromVersionId can't be empty. Staging label AWSCURRENT is "
        "currently attached to version " +
            id(2) + ", so you must explicitly reference that version in RemoveFromVersionId.");
    EXPECT_EQ(error("UpdateSecretVersionStage", move("AWSCURRENT", 1, 3)),
              "InvalidParameterException: Staging label AWSCURRENT is currently attached to version " + id(2) +
                  ", so you must explicitly reference that version in RemoveFromVersionId.");
    EXPECT_EQ(error("UpdateSecretVersionStage", move("mine", 1, 3)),
              "InvalidParameterException: Staging label mine is not currently attached to version " + id(1) + ".");
    call("UpdateSecretVersionStage", move("mine", 0, 3));
    EXPECT_EQ(stages("a", 3), "AWSPENDING mine");
    call("UpdateSecretVersionStage", move("mine", 0, 3));  // it is there already
    EXPECT_EQ(stages("a", 3), "AWSPENDING mine");
}

TEST_F(StageTest, CurrentCannotBeRemoved) {
    EXPECT_EQ(error("UpdateSecretVersionStage", move("AWSCURRENT", 2, 0)),
              "InvalidParameterException: You can only move staging label AWSCURRENT to a different secret version. It "
              "can't be completely removed.");
    EXPECT_EQ(error("UpdateSecretVersionStage", move("AWSCURRENT", 0, 0)).substr(0, 25), "InvalidParameterException");
    EXPECT_EQ(error("UpdateSecretVersionStage", move("AWSCURRENT", 2, 9)),
              "ResourceNotFoundException: Secrets Manager can't find the specified secret value for VersionId: " +
                  id(9));
}

TEST_F(StageTest, AVersionCarriesTwentyLabels) {
    for (int i = 0; i < 19; ++i)
        call("UpdateSecretVersionStage", move("label" + std::to_string(i), 0, 3));
    EXPECT_EQ(error("UpdateSecretVersionStage", move("one-more", 0, 3)),
              "LimitExceededException: You can't attach more than 20 staging labels to a version.");
}

TEST_F(WriteTest, DeletionHasAWindow) {
    const std::string arn = create("a");
    const json::object made = call("DeleteSecret", R"({"SecretId":"a","RecoveryWindowInDays":7})");
    EXPECT_EQ(made.at("ARN").as_string(), arn);
    EXPECT_EQ(made.at("DeletionDate").as_double(), 1'440'938'160.0 + 7 * 86'400);
    for (const char* operation : {"GetSecretValue", "DeleteSecret", "UpdateSecret"}) {
        EXPECT_EQ(error(operation, R"({"SecretId":"a"})"), kMarked) << operation;
    }
    EXPECT_EQ(error("PutSecretValue", R"({"SecretId":"a","SecretString":"s")" + token(2) + "}"), kMarked);
    EXPECT_EQ(error("TagResource", R"({"SecretId":"a","Tags":[]})"), kMarked);
    EXPECT_EQ(error("UntagResource", R"({"SecretId":"a","TagKeys":[]})"), kMarked);
    EXPECT_EQ(
        error("UpdateSecretVersionStage", R"({"SecretId":"a","VersionStage":"s","MoveToVersionId":")" + id(1) + "\"}"),
        kMarked);
    EXPECT_EQ(error("CreateSecret", R"({"Name":"a"})"),
              "InvalidRequestException: You can't create this secret because a secret with this name is already "
              "scheduled for deletion.");
    EXPECT_EQ(call("DescribeSecret", R"({"SecretId":"a"})").at("DeletedDate").as_double(), 1'440'938'160.0);
    clock_.advance(days(7) - hours(1));
    call("RestoreSecret", R"({"SecretId":"a"})");
    EXPECT_EQ(value("a"), "one");
    EXPECT_FALSE(call("DescribeSecret", R"({"SecretId":"a"})").contains("DeletedDate"));
    call("DeleteSecret", R"({"SecretId":"a"})");
    clock_.advance(days(30));
    EXPECT_EQ(error("DescribeSecret", R"({"SecretId":"a"})").substr(0, 25), "ResourceNotFoundException");
    EXPECT_NE(create("a"), arn);
}

TEST_F(WriteTest, DeletionChecksItsParameters) {
    create("a");
    for (const char* days : {"6", "31", "0", "-1"}) {
        EXPECT_EQ(error("DeleteSecret", std::string(R"({"SecretId":"a","RecoveryWindowInDays":)") + days + "}"),
                  "InvalidParameterException: The RecoveryWindowInDays value must be between 7 and 30 days "
                  "(inclusive).");
    }
    EXPECT_EQ(error("DeleteSecret", R"({"SecretId":"a","RecoveryWindowInDays":7,"ForceDeleteWithoutRecovery":true})"),
              "InvalidParameterException: You can't use ForceDeleteWithoutRecovery in conjunction with "
              "RecoveryWindowInDays.");
    EXPECT_EQ(error("DeleteSecret", R"({"SecretId":"none"})").substr(0, 25), "ResourceNotFoundException");
    EXPECT_EQ(error("RestoreSecret", R"({"SecretId":"none"})").substr(0, 25), "ResourceNotFoundException");
    call("RestoreSecret", R"({"SecretId":"a"})");  // nothing to restore is no error
}

TEST_F(WriteTest, ForcedDeletionIsAtOnce) {
    create("a");
    create("b");
    call("DeleteSecret", R"({"SecretId":"a"})");
    for (const char* name : {"a", "b", "never-was"}) {
        const json::object made =
            call("DeleteSecret", std::string(R"({"SecretId":")") + name + R"(","ForceDeleteWithoutRecovery":true})");
        EXPECT_EQ(made.at("Name").as_string(), name);
        EXPECT_EQ(made.at("DeletionDate").as_double(), 1'440'938'160.0);
    }
    EXPECT_EQ(error("DescribeSecret", R"({"SecretId":"a"})").substr(0, 25), "ResourceNotFoundException");
    create("a");
}

TEST_F(WriteTest, TagsAreMergedByKey) {
    create("a");
    EXPECT_EQ(
        text_of(post("TagResource", R"({"SecretId":"a","Tags":[{"Key":"x","Value":"1"},{"Key":"y","Value":"2"}]})")),
        "{}");
    call("TagResource", R"({"SecretId":"a","Tags":[{"Key":"x","Value":"3"},{"Key":"z"}]})");
    EXPECT_EQ(json::serialize(call("DescribeSecret", R"({"SecretId":"a"})").at("Tags")),
              R"([{"Key":"x","Value":"3"},{"Key":"y","Value":"2"},{"Key":"z","Value":""}])");
    EXPECT_EQ(text_of(post("UntagResource", R"({"SecretId":"a","TagKeys":["x","nope","z"]})")), "{}");
    EXPECT_EQ(json::serialize(call("DescribeSecret", R"({"SecretId":"a"})").at("Tags")),
              R"([{"Key":"y","Value":"2"}])");
}

TEST_F(WriteTest, TagsHaveRules) {
    create("a");
    EXPECT_EQ(error("TagResource", R"({"SecretId":"a","Tags":[{"Key":"aws:x","Value":"1"}]})"),
              "InvalidParameterException: aws: prefixed tag key names are not allowed for external use.");
    EXPECT_EQ(error("CreateSecret", R"({"Name":"b","Tags":[{"Key":"x"},{"Key":"x"}]})"),
              "InvalidParameterException: Duplicate tag keys found: x");
    EXPECT_NE(error("TagResource", R"({"SecretId":"a","Tags":[{"Key":""}]})").find("at 'tags.1.member.key'"),
              std::string::npos);
    EXPECT_NE(error("TagResource", R"({"SecretId":"a"})").find("Value null at 'tags'"), std::string::npos);
    EXPECT_NE(error("UntagResource", R"({"SecretId":"a"})").find("Value null at 'tagKeys'"), std::string::npos);
    EXPECT_EQ(error("TagResource", R"({"SecretId":"a","Tags":["x"]})"),
              "SerializationException: Unexpected field type");
    std::string many;
    for (int i = 0; i < 51; ++i)
        many += (i > 0 ? "," : "") + std::string(R"({"Key":"k)") + std::to_string(i) + "\"}";
    EXPECT_EQ(error("TagResource", R"({"SecretId":"a","Tags":[)" + many + "]}"),
              "InvalidParameterException: You can't attach more than 50 tags to a secret.");
}

TEST_F(WriteTest, ErrorsStayShort) {
    create("a");
    std::string many;
    for (int i = 0; i < 5000; ++i)
        many += (i > 0 ? "," : "") + std::string(R"({"Key":"x"})");
    EXPECT_EQ(error("TagResource", R"({"SecretId":"a","Tags":[)" + many + "]}"),
              "InvalidParameterException: You can't attach more than 50 tags to a secret.");
    many.clear();
    for (int i = 0; i < 60; ++i)
        many += (i > 0 ? "," : "") + std::string(R"({"Key":")") + std::string(3000, 'k') + "\"}";
    const std::string text = error("TagResource", R"({"SecretId":"a","Tags":[)" + many + "]}");
    EXPECT_NE(text.find("50 validation errors detected: Value '" + std::string(256, 'k') + "...' at"),
              std::string::npos)
        << text;
    EXPECT_LT(text.size(), 25'000U);
}

}  // namespace
}  // namespace sma::emulator
