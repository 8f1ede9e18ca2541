// SPDX-License-Identifier: Apache-2.0
#include "aws/profile_file.hpp"
#include "aws/settings.hpp"
#include "aws/test_support.hpp"

#include <gtest/gtest.h>

namespace sma::aws {
namespace {

using testing::fake_environment;
using testing::TempDirectory;
using testing::Variables;

constexpr ProfileFileKind kConfig = ProfileFileKind::Config;
constexpr ProfileFileKind kCredentials = ProfileFileKind::Credentials;

// "value" of a key of a profile, or what is wrong.
std::string value(std::string_view text, ProfileFileKind kind, std::string_view profile, std::string_view key) {
    const auto file = parse_profile_file(text, kind, "f");
    if (!file) return file.error().message();
    const auto section = file->profiles.find(profile);
    if (section == file->profiles.end()) return "no profile";
    return section->second.text(key).value_or("no key");
}

std::string cred(std::string_view text, std::string_view key = "k") {
    return value(text, kCredentials, "default", key);
}

TEST(ProfileFileTest, Values) {
    EXPECT_EQ(cred("[default]\nk = v\n"), "v");
    EXPECT_EQ(cred("[default]\nk=v"), "v");
    EXPECT_EQ(cred("[default]\nk: v=1\n"), "v=1");
    EXPECT_EQ(cred("[default]\nk = a:b\n"), "a:b");
    EXPECT_EQ(cred("[default]\r\nK = v\r\n"), "v");
    EXPECT_EQ(cred("[default]\nk = F # c\n"), "F # c");
    EXPECT_EQ(cred("[default]\nk = 100%\n"), "100%");
    EXPECT_EQ(cred("[default]\nk =\n"), "");
    EXPECT_EQ(cred("# c\n  ; c\n[default] junk\n# c\nk = v\n"), "v");
    EXPECT_EQ(cred("[default]\n  k = v\n  other = w\n"), "v");
    EXPECT_EQ(cred("[default]\n[other]\nk = v\n"), "no key");
    EXPECT_EQ(cred(""), "no profile");
}

TEST(ProfileFileTest, IndentedLinesContinueAValue) {
    EXPECT_EQ(cred("[default]\nk = a\n  secret = b\n"), "a\nsecret = b");
    EXPECT_EQ(cred("[default]\nk = a\n\n  b\n\n\n[x]\n"), "a\n\nb");
    EXPECT_EQ(cred("[default]\nk = a\n  # comment\n  b\n"), "a\nb");
    EXPECT_EQ(cred("[default]\nk = a\n  [x]\nl = b\n", "l"), "b");
}

TEST(ProfileFileTest, ProfilesOfAConfigFile) {
    EXPECT_EQ(value("[profile p]\nk=v\n", kConfig, "p", "k"), "v");
    EXPECT_EQ(value("[profile\t\"my prof\"]\nk=v\n", kConfig, "my prof", "k"), "v");
    EXPECT_EQ(value("[profile 'a b']\nk=v\n", kConfig, "a b", "k"), "v");
    EXPECT_EQ(value("[p]\nk=v\n", kConfig, "p", "k"), "no profile");
    EXPECT_EQ(value("[profile a b]\nk=v\n", kConfig, "a", "k"), "no profile");
    EXPECT_EQ(value("[profile \"a]\nk=v\n", kConfig, "a", "k"), "no profile");
    EXPECT_EQ(value("[default]\nk=1\n[profile default]\nk=2\n", kConfig, "default", "k"), "2");
    EXPECT_EQ(value("[default]\nl=1\n[profile default]\nk=2\n", kConfig, "default", "l"), "no key");
    EXPECT_EQ(value("[profile foo]\nk=v\n", kCredentials, "foo", "k"), "no profile");
    EXPECT_EQ(value("[profile foo]\nk=v\n", kCredentials, "profile foo", "k"), "v");
    const ProfileFile file =
        parse_profile_file("[sso-session s]\nsso_region=r\n[services x]\ns3 =\n endpoint_url=u\n", kConfig, "f")
            .value();
    EXPECT_EQ(file.sso_sessions.at("s").text("sso_region"), "r");
    EXPECT_EQ(file.services.at("x").find("s3")->nested.at("endpoint_url").reveal(), "u");
}

TEST(ProfileFileTest, NestedBlocks) {
    const ProfileFile file =
        parse_profile_file("[default]\ns3 =\n  Max = 1\n\n  # c\n  b=c=d\nk = v\n", kConfig, "f").value();
    const ProfileValue* const block = file.profiles.at("default").find("s3");
    ASSERT_NE(block, nullptr);
    EXPECT_TRUE(block->text.empty());
    EXPECT_EQ(block->nested.at("Max").reveal(), "1");
    EXPECT_EQ(block->nested.at("b").reveal(), "c=d");
    EXPECT_EQ(file.profiles.at("default").text("k"), "v");
}

TEST(ProfileFileTest, ErrorsNameTheLineAndNotTheText) {
    for (const auto& [text, line] : std::initializer_list<std::pair<std::string_view, const char*>>{
             {"\xEF\xBB\xBF[default]\n", "f:0:"},
             {"k = v\n", "f:1:"},
             {"[default]\njunk\n", "f:2:"},
             {"[default\n", "f:1:"},
             {"[]\n", "f:1:"},
             {"[default]\n= v\n", "f:2:"},
             {"[default]\nk=1\nk=2\n", "f:3:"},
             {"[default]\nk=1\nK=2\n", "f:3:"},
             {"[default]\n[x]\n[default]\n", "f:3:"},
             {"[default]\ns3 =\n  hunter2\n", "f:3:"},
         }) {
        const auto file = parse_profile_file(text, kCredentials, "f");
        ASSERT_FALSE(file) << text;
        EXPECT_EQ(file.error().kind(), ErrorKind::InvalidInput);
        EXPECT_TRUE(file.error().message().starts_with(line)) << file.error().message();
        EXPECT_EQ(file.error().message().find("hunter2"), std::string::npos);
    }
    EXPECT_FALSE(parse_profile_file("[profile p]\n[profile \"p\"]\n", kConfig, "f"));
    EXPECT_FALSE(parse_profile_file("[profile default]\n[default]\n", kConfig, "f"));
}

class SettingsTest : public ::testing::Test {
protected:
    Result<Settings> load(Variables variables) const {
        variables.emplace("HOME", directory_.path().string());
        return Settings::load(fake_environment(std::move(variables)), MissingProfile::IsError);
    }
    std::string profile(Variables variables) const {
        const auto settings = load(std::move(variables));
        return settings ? settings->profile_name() + ":" + settings->profile("k").value_or("-") : "error";
    }
    TempDirectory directory_;
};

TEST_F(SettingsTest, TheProfileIsChosenByTheEnvironment) {
    std::filesystem::create_directory(directory_.path() / ".aws");
    directory_.write(".aws/credentials", "[a]\nk=1\n[b]\nk=2\n[default]\nk=0\n");
    EXPECT_EQ(profile({}), "default:0");
    EXPECT_EQ(profile({{"AWS_PROFILE", "b"}}), "b:2");
    EXPECT_EQ(profile({{"AWS_DEFAULT_PROFILE", "a"}, {"AWS_PROFILE", "b"}}), "a:1");
    EXPECT_EQ(profile({{"AWS_PROFILE", "nope"}}), "error");
    EXPECT_EQ(profile({{"AWS_PROFILE", ""}}), "error");
}

TEST_F(SettingsTest, MissingFilesAreEmptyOnes) {
    EXPECT_EQ(profile({}), "default:-");
    EXPECT_EQ(profile({{"AWS_PROFILE", "default"}}), "error");
    EXPECT_EQ(profile({{"AWS_CONFIG_FILE", "/nowhere/at/all"}}), "default:-");
}

TEST_F(SettingsTest, TheCredentialsFileWins) {
    std::filesystem::create_directory(directory_.path() / ".aws");
    directory_.write(".aws/config", "[default]\nk=config\nl=config\n");
    directory_.write(".aws/credentials", "[default]\nk=credentials\n");
    const Settings settings = load({}).value();
    EXPECT_EQ(settings.profile("k"), "credentials");
    EXPECT_EQ(settings.profile("l"), "config");
    EXPECT_EQ(settings.get("L", "l"), "config");
    EXPECT_EQ(load({{"L", ""}}).value().get("L", "l"), "");
}

TEST_F(SettingsTest, PathsAreExpanded) {
    directory_.write("alt", "[default]\nk=1\n");
    EXPECT_EQ(profile({{"AWS_SHARED_CREDENTIALS_FILE", "$HOME/alt"}}), "default:1");
    EXPECT_EQ(profile({{"AWS_SHARED_CREDENTIALS_FILE", "${HOME}/alt"}}), "default:1");
    EXPECT_EQ(profile({{"AWS_SHARED_CREDENTIALS_FILE", "~/alt"}}), "default:1");
    const Environment environment = fake_environment({{"HOME", "/h"}, {"A", "1"}});
    EXPECT_EQ(expand_path("$A$B${A}$$", environment), "1$B1$$");
    EXPECT_EQ(expand_path("${A", environment), "${A");
    EXPECT_EQ(expand_path("~x", environment), "~x");
    EXPECT_EQ(expand_path("~", environment), "/h");
}

TEST_F(SettingsTest, AMalformedFileIsAnError) {
    directory_.write("bad", "junk\n");
    const auto settings = load({{"AWS_CONFIG_FILE", "~/bad"}});
    ASSERT_FALSE(settings);
    EXPECT_EQ(settings.error().kind(), ErrorKind::InvalidInput);
}

}  // namespace
}  // namespace sma::aws
