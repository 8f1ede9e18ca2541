// SPDX-License-Identifier: Apache-2.0
#include "emulator/seed_document.hpp"
#include "emulator/seeds.hpp"
#include "emulator/service_fixture.hpp"

#include <cstdio>
#include <fstream>

namespace sma::emulator {
namespace {

class SeedsTest : public ::testing::Test {
protected:
    std::string load(std::string_view text, SeedFormat format = SeedFormat::Toml) {
        auto loaded = load_seeds(service_, text, format, "seeds");
        return loaded ? "example: " + *loaded : loaded.error().message();
    }
    std::string value(const std::string& name, std::optional<std::string> stage = std::nullopt) {
        const auto reading = service_.store().read(name, std::nullopt, stage);
        return reading ? std::string(reading->version->value.bytes.reveal()) : reading.error().describe();
    }
    sma::testing::FakeClock clock_;
    Service service_{clock_, "us-east-1", "123456789012"};
};

TEST_F(SeedsTest, NothingIsFineAndKnowsTheDefaultKey) {
    EXPECT_EQ(load(""), "example: ");
    EXPECT_NE(service_.accounts().find_key(kAccessKeyId), nullptr);
}

TEST_F(SeedsTest, ReadsEveryKindOfValue) {
    EXPECT_EQ(load(R"(
[[secrets]]
name = "blob"
binary = "AP8="
[[secrets]]
name = "text"
value = "plain"
description = "words"
tags = { team = "a", stage = "b" }
[[secrets]]
name = "object"
json = { z = 1, a = [true, 2.5, "x"], when = 2020-01-02, nested = { b = "ä" } }
[[secrets]]
name = "valueless"
)"),
              "example: text");
    EXPECT_EQ(value("blob"), std::string("\0\xff", 2));
    EXPECT_EQ(value("text"), "plain");
    EXPECT_EQ(value("object"), R"({"z":1,"a":[true,2.5E0,"x"],"when":"2020-01-02","nested":{"b":"ä"}})");
    const Secret& text = **service_.store().find("text");
    EXPECT_EQ(text.description, "words");
    ASSERT_EQ(text.tags.size(), 2U);
    EXPECT_EQ(text.tags[0].key, "team");
    EXPECT_TRUE((*service_.store().find("blob"))->versions[0].value.binary);
    EXPECT_TRUE((*service_.store().find("valueless"))->versions.empty());
}

TEST_F(SeedsTest, ReadsTheSameFromJson) {
    EXPECT_EQ(load(R"({
 "secrets": [
  {"name": "blob", "binary": "AP8="},
  {"name": "object", "json": {"z": 1, "a": [true, null, 2.5, -3, "x\n\u00e4"]}, "tags": {"k": "v"}}
 ],
 "access_keys": [{"id": "AKIDONE", "secret": "s", "session_token": "t", "user": "ann"}],
 "roles": [{"arn": "arn:aws:iam::123456789012:role/r", "allowed": false, "external_id": "e", "denied_secrets": ["x"]}]
})",
                   SeedFormat::Json),
              "example: object");
    EXPECT_EQ(value("object"), "{\"z\":1,\"a\":[true,null,2.5E0,-3,\"x\\n\xc3\xa4\"]}");
    const AccessKey* key = service_.accounts().find_key("AKIDONE");
    ASSERT_NE(key, nullptr);
    EXPECT_TRUE(key->session_token.equals("t"));
    EXPECT_EQ(key->identity.arn, "arn:aws:iam::123456789012:user/ann");
    EXPECT_EQ(service_.accounts().find_key(kAccessKeyId), nullptr);
    const Role* role = service_.accounts().find_role("arn:aws:iam::123456789012:role/r");
    ASSERT_NE(role, nullptr);
    EXPECT_FALSE(role->allowed);
    EXPECT_EQ(role->external_id, "e");
}

TEST_F(SeedsTest, ReadsVersions) {
    EXPECT_EQ(load(R"(
[[secrets]]
name = "a"
versions = [
  { value = "oldest" },
  { value = "old", stages = ["AWSPREVIOUS"] },
  { json = { n = 1 }, stages = ["AWSCURRENT", "mine"] },
]
)"),
              "example: a");
    EXPECT_EQ(value("a"), R"({"n":1})");
    EXPECT_EQ(value("a", "AWSPREVIOUS"), "old");
    EXPECT_EQ(value("a", "mine"), R"({"n":1})");
    EXPECT_EQ((*service_.store().find("a"))->versions.size(), 3U);
}

TEST_F(SeedsTest, ReportsEveryErrorWithItsPlace) {
    EXPECT_EQ(load(R"([[secrets]]
nam = "a"
[[secrets]]
name = "bad name"
[[secrets]]
name = "b"
value = 1
[[secrets]]
name = "b2"
value = "x"
binary = "AA=="
[[secrets]]
name = "c"
binary = "###"
[[secrets]]
name = "b2"
[[secrets]]
name = "d"
value = ""
[[access_keys]]
id = "k"
[[roles]]
arn = "reader"
allowed = "yes"
[surprise]
)"),
              "seeds:25:2: unknown key 'surprise'; known are secrets, access_keys, roles\n"
              "seeds:2:1: unknown key 'nam'; known are name, value, binary, json, description, tags, versions\n"
              "seeds:1:1: 'name' is missing\n"
              "seeds:4:8: a secret's name has 1 to 512 letters, digits and characters of /_+=.@-\n"
              "seeds:7:9: 'value' must be a string, not an integer\n"
              "seeds:8:1: give one of 'value', 'binary' and 'json', not several\n"
              "seeds:14:10: 'binary' must be base64\n"
              "seeds:16:8: the secret 'b2' is there already\n"
              "seeds:19:9: a secret's value has 1 to 65536 bytes, not 0\n"
              "seeds:20:1: 'secret' is missing\n"
              "seeds:24:11: 'allowed' must be a boolean, not a string\n"
              "seeds:23:7: a role's ARN looks like arn:aws:iam::123456789012:role/NAME");
}

TEST_F(SeedsTest, VersionsHaveRules) {
    EXPECT_EQ(load("[[secrets]]\nname = \"a\"\nversions = [{ value = \"x\", stages = [\"s\"] },\n"
                   "{ value = \"y\", stages = [\"s\", 1] }, {}]\n"),
              "seeds:4:31: 'stages' must be a list of strings\n"
              "seeds:4:25: the staging label 's' is on two versions\n"
              "seeds:4:37: a version needs one of 'value', 'binary' and 'json'\n"
              "seeds:3:12: one of the versions must have the stage AWSCURRENT");
    EXPECT_EQ(
        load("[[secrets]]\nname = \"b\"\nvalue = \"v\"\nversions = [{ value = \"x\", stages = [\"AWSCURRENT\"] }]\n"),
        "seeds:4:12: give either 'versions' or one of 'value', 'binary' and 'json'");
}

TEST_F(SeedsTest, TwiceTheSameKeyOrRole) {
    EXPECT_EQ(load("[[access_keys]]\nid = \"k\"\nsecret = \"s\"\n[[access_keys]]\nid = \"k\"\nsecret = \"t\"\n"
                   "[[roles]]\narn = \"arn:aws:iam::1:role/r\"\n[[roles]]\narn = \"arn:aws:iam::1:role/r\"\n"),
              "seeds:5:6: the access key 'k' is there already\n"
              "seeds:10:7: the role 'arn:aws:iam::1:role/r' is there already");
    EXPECT_EQ(load("[[access_keys]]\nid = \"z\"\nsecret = \"s\"\nuser = \"u\"\narn = \"x\"\n"),
              "seeds:4:8: give 'arn' or 'user', not both\nseeds:5:7: 'arn' must begin with arn:");
}

TEST_F(SeedsTest, SyntaxErrorsHaveAPlace) {
    EXPECT_TRUE(load("[[secrets]]\nname = \n").starts_with("seeds:2:")) << load("[[secrets]]\nname = \n");
    EXPECT_TRUE(load("{\n \"secrets\": [,]\n}", SeedFormat::Json).starts_with("seeds:2:14: not valid JSON: "));
    EXPECT_TRUE(load("{", SeedFormat::Json).starts_with("seeds:1:"));
    EXPECT_TRUE(load("{} x", SeedFormat::Json).starts_with("seeds:1:"));
    EXPECT_TRUE(load("[]", SeedFormat::Json).starts_with("seeds:1:1: must be an object"));
    EXPECT_EQ(load("{\n  \"secrets\": [\n    {\"name\": 7}\n  ],\n  \"x\": 1\n}", SeedFormat::Json).substr(0, 26),
              "seeds:5:3: unknown key 'x'");
}

TEST_F(SeedsTest, JsonNestsOnlySoDeep) {
    EXPECT_TRUE(load(std::string(100, '['), SeedFormat::Json).starts_with("seeds:1:"));
}

TEST_F(SeedsTest, TomlNestsOnlySoDeep) {
    std::string dots;
    for (int i = 0; i < 100'000; ++i)
        dots += "a.";
    EXPECT_EQ(load(dots + "a = 1"), "seeds:1:34: lists, tables or dotted keys nested more than 16 deep");
    EXPECT_TRUE(load("a = \xC3\xA9").starts_with("seeds:1:")) << "the mended library";
}

TEST_F(SeedsTest, TheBuiltInSeedsLoad) {
    EXPECT_EQ(load(kDefaultSeeds), "example: example/database");
    EXPECT_EQ(value("example/database"),
              R"({"username":"app","password":"correct-horse-battery-staple","host":"db.example.com","port":5432})");
    EXPECT_EQ(value("tom/credentials/lab_creds"), R"({"username":"admin","password":"lab-only"})");
    EXPECT_EQ(value("example/rotated", "AWSPREVIOUS"), "the-old-one");
}

TEST_F(SeedsTest, TheExampleFilesLoadAndAgree) {
    const auto toml = load_seed_file(service_, "examples/dev-secrets.toml");
    ASSERT_TRUE(toml) << toml.error().message();
    Service other(clock_, "us-east-1", "123456789012");
    const auto json = load_seed_file(other, "examples/dev-secrets.json");
    ASSERT_TRUE(json) << json.error().message();
    EXPECT_EQ(*toml, *json);
    ASSERT_EQ(service_.store().all().size(), other.store().all().size());
    for (const Secret* secret : service_.store().all()) {
        const auto twin = other.store().find(secret->name);
        ASSERT_TRUE(twin) << secret->name;
        ASSERT_EQ(secret->versions.size(), (*twin)->versions.size()) << secret->name;
        for (std::size_t i = 0; i < secret->versions.size(); ++i) {
            EXPECT_TRUE(secret->versions[i].value.same_as((*twin)->versions[i].value)) << secret->name;
        }
    }
}

TEST_F(SeedsTest, AFileThatIsNotThere) {
    const auto loaded = load_seed_file(service_, "/nonexistent/seeds.toml");
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().kind(), ErrorKind::System);
}

}  // namespace
}  // namespace sma::emulator
