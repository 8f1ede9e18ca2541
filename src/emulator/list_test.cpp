// SPDX-License-Identifier: Apache-2.0
// ListSecrets, ListSecretVersionIds.
#include "emulator/service_fixture.hpp"

namespace sma::emulator {
namespace {

class ListTest : public ServiceTest {
protected:
    static std::string names_in(const json::object& page) {
        std::string names;
        for (const auto& one : page.at("SecretList").as_array()) {
            names += (names.empty() ? "" : " ") + std::string(one.at("Name").as_string());
        }
        return names;
    }
    /// All pages, "|" between them.
    std::string list(const std::string& members = "") {
        std::string all;
        std::string token;
        while (true) {
            const json::object page = call("ListSecrets", "{" + members + token + "}");
            all += names_in(page);
            const auto* next = page.if_contains("NextToken");
            if (next == nullptr) return all;
            all += "|";
            token =
                std::string(members.empty() ? "" : ",") + R"("NextToken":")" + std::string(next->as_string()) + "\"";
        }
    }
    void create_later(const std::string& name) {
        create(name);
        clock_.advance(std::chrono::seconds(1));
    }
};

TEST_F(ListTest, ListsByCreation) {
    EXPECT_EQ(list(), "");
    for (const char* name : {"c", "a", "b"})
        create_later(name);
    EXPECT_EQ(list(), "c a b");
    EXPECT_EQ(list(R"("SortOrder":"desc")"), "b a c");
    EXPECT_EQ(list(R"("SortOrder":"asc","SortBy":"created-date")"), "c a b");
}

TEST_F(ListTest, Sorts) {
    for (const char* name : {"c", "a", "b"})
        create_later(name);
    EXPECT_EQ(list(R"("SortBy":"name")"), "a b c");
    EXPECT_EQ(list(R"("SortBy":"name","SortOrder":"desc")"), "c b a");
    call("UpdateSecret", R"({"SecretId":"c","Description":"x"})");
    EXPECT_EQ(list(R"("SortBy":"last-changed-date")"), "a b c");
    value("a");
    EXPECT_EQ(list(R"("SortBy":"last-accessed-date","SortOrder":"desc")"), "a b c");
}

TEST_F(ListTest, Pages) {
    for (const char* name : {"e", "d", "c", "b", "a"})
        create(name);
    EXPECT_EQ(list(R"("MaxResults":2)"), "e d|c b|a");
    EXPECT_EQ(list(R"("MaxResults":5)"), "e d c b a");
    EXPECT_EQ(list(R"("MaxResults":2,"SortBy":"name","SortOrder":"desc")"), "e d|c b|a");
    EXPECT_EQ(list(R"("MaxResults":1,"SortBy":"name")"), "a|b|c|d|e");
    EXPECT_EQ(list(R"("MaxResults":1,"SortBy":"last-accessed-date")"), "e|d|c|b|a");
}

TEST_F(ListTest, PagingSurvivesDeletionAndCreation) {
    for (const char* name : {"a", "b", "c", "d"})
        create(name);
    const json::object first = call("ListSecrets", R"({"MaxResults":2})");
    EXPECT_EQ(names_in(first), "a b");
    call("DeleteSecret", R"({"SecretId":"b","ForceDeleteWithoutRecovery":true})");
    create("e");
    EXPECT_EQ(names_in(call("ListSecrets", R"({"MaxResults":2,"NextToken":")" +
                                               std::string(first.at("NextToken").as_string()) + "\"}")),
              "c d");
}

TEST_F(ListTest, ATokenBelongsToItsQuestion) {
    for (const char* name : {"a", "b"})
        create(name);
    const std::string token(call("ListSecrets", R"({"MaxResults":1})").at("NextToken").as_string());
    const std::string invalid = "InvalidNextTokenException: The NextToken value is invalid.";
    EXPECT_EQ(error("ListSecrets", R"({"SortBy":"name","NextToken":")" + token + "\"}"), invalid);
    EXPECT_EQ(error("ListSecretVersionIds", R"({"SecretId":"a","NextToken":")" + token + "\"}"), invalid);
    for (const char* garbage : {"x", "AAAA", "####", "MDEyMzQ1Njc4OWFiY2RlZjE="}) {
        EXPECT_EQ(error("ListSecrets", std::string(R"({"NextToken":")") + garbage + "\"}"), invalid) << garbage;
    }
}

TEST_F(ListTest, DeletedSecretsOnRequest) {
    create("a");
    create("b");
    call("DeleteSecret", R"({"SecretId":"a"})");
    EXPECT_EQ(list(), "b");
    EXPECT_EQ(list(R"("IncludePlannedDeletion":true)"), "a b");
    const json::object page = call("ListSecrets", R"({"IncludePlannedDeletion":true})");
    EXPECT_TRUE(page.at("SecretList").as_array()[0].as_object().contains("DeletedDate"));
}

TEST_F(ListTest, Filters) {
    create("p/a");
    create("p/b");
    create("q");
    EXPECT_EQ(list(R"("Filters":[{"Key":"name","Values":["p/"]}])"), "p/a p/b");
    EXPECT_EQ(list(R"("Filters":[{"Key":"name","Values":["!p/"]}])"), "q");
    EXPECT_EQ(list(R"("Filters":[{"Key":"name","Values":["p/"]}],"MaxResults":1)"), "p/a|p/b");
}

TEST_F(ListTest, EntriesAreAsDescribed) {
    create("a");
    const json::object page = call("ListSecrets", "{}");
    const auto& entry = page.at("SecretList").as_array()[0].as_object();
    EXPECT_EQ(json::serialize(entry.at("SecretVersionsToStages")), "{\"" + id(1) + "\":[\"AWSCURRENT\"]}");
    EXPECT_FALSE(entry.contains("VersionIdsToStages"));
    EXPECT_FALSE(entry.contains("SecretString"));
}

TEST_F(ListTest, ValidatesItsMembers) {
    const auto refused = [&](const std::string& members) { return error("ListSecrets", "{" + members + "}"); };
    const std::string one = "ValidationException: 1 validation error detected: ";
    EXPECT_EQ(refused(R"("MaxResults":101)"), one + "Value '101' at 'maxResults' failed to satisfy constraint: Member "
                                                    "must have value less than or equal to 100");
    EXPECT_EQ(refused(R"("SortOrder":"up")"), one +
                                                  "Value 'up' at 'sortOrder' failed to satisfy constraint: Member must "
                                                  "satisfy enum value set: [asc, desc]");
    EXPECT_EQ(refused(R"("Filters":[{"Key":"colour","Values":["x"]}])"),
              one + "Value 'colour' at 'filters.1.member.key' failed to satisfy constraint: Member must satisfy enum "
                    "value set: [description, name, tag-key, tag-value, primary-region, owning-service, all]");
    EXPECT_EQ(refused(R"("Filters":[{"Key":"name","Values":["x","a*b"]}])"),
              one +
                  "Value 'a*b' at 'filters.1.member.values.2.member' failed to satisfy constraint: Member must satisfy "
                  "regular expression pattern: ^\\!?[a-zA-Z0-9 :_@\\/\\+\\=\\.\\-\\!]*$");
    EXPECT_EQ(refused(R"("Filters":[{}])").substr(0, 54), "ValidationException: 2 validation errors detected: Val");
    EXPECT_EQ(refused(R"("IncludePlannedDeletion":"yes")"),
              "SerializationException: STRING_VALUE can not be converted to a Boolean");
}

TEST_F(ListTest, VersionsWithLabels) {
    const std::string arn = create("a");
    put("a", "two", 2);
    put("a", "three", 3);
    value("a");
    EXPECT_EQ(
        text_of(post("ListSecretVersionIds", R"({"SecretId":"a"})")),
        R"({"ARN":")" + arn + R"(","Name":"a","Versions":[{"CreatedDate":1.44093816E9,"KmsKeyIds":)" +
            R"(["DefaultEncryptionKey"],"VersionId":")" + id(2) + R"(","VersionStages":["AWSPREVIOUS"]},)" +
            R"({"CreatedDate":1.44093816E9,"KmsKeyIds":["DefaultEncryptionKey"],"LastAccessedDate":1.4408928E9,)" +
            R"("VersionId":")" + id(3) + R"(","VersionStages":["AWSCURRENT"]}]})");
}

TEST_F(ListTest, DeprecatedVersionsOnRequestAndInPages) {
    create("a");
    put("a", "two", 2);
    put("a", "three", 3);
    const json::object first =
        call("ListSecretVersionIds", R"({"SecretId":"a","IncludeDeprecated":true,"MaxResults":2})");
    const auto& versions = first.at("Versions").as_array();
    ASSERT_EQ(versions.size(), 2U);
    EXPECT_EQ(versions[0].at("VersionId").as_string(), id(1));
    EXPECT_FALSE(versions[0].as_object().contains("VersionStages"));
    const json::object second =
        call("ListSecretVersionIds", R"({"SecretId":"a","IncludeDeprecated":true,"MaxResults":2,"NextToken":")" +
                                         std::string(first.at("NextToken").as_string()) + "\"}");
    ASSERT_EQ(second.at("Versions").as_array().size(), 1U);
    EXPECT_EQ(second.at("Versions").as_array()[0].at("VersionId").as_string(), id(3));
    EXPECT_FALSE(second.contains("NextToken"));
    EXPECT_EQ(error("ListSecretVersionIds", R"({"SecretId":"none"})").substr(0, 25), "ResourceNotFoundException");
}

}  // namespace
}  // namespace sma::emulator
