// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.hpp"
#include "server/query.hpp"

#include <gtest/gtest.h>

namespace sma::server {
namespace {

using namespace std::string_literals;

#define FFFD "\xef\xbf\xbd"

constexpr const char* kBadRole = "invalid roleArn format, expected arn:<partition>:iam::<account>:role/<name>";

// A target taken apart and interpreted. Lives as long as the views in it are looked at.
class Interpreted {
public:
    explicit Interpreted(std::string target, std::string_view prefix = "/v1/") : target_(std::move(target)) {
        Target parts;
        EXPECT_TRUE(split_target(target_, parts)) << target_;
        interpret(parts, prefix, request_);
    }
    const Request* operator->() const { return &request_; }
    const secrets::Question& question() const { return request_.question; }

private:
    std::string target_;
    Request request_;
};

std::string id_of(const std::string& target) {
    const Interpreted request(target);
    EXPECT_EQ(request->route, Route::Secret) << target;
    EXPECT_EQ(request->complaint, "") << target;
    return std::string(request.question().secret_id);
}
std::string complaint_of(const std::string& target) {
    const Interpreted request(target);
    EXPECT_EQ(request->route, Route::Secret) << target;
    return request->complaint;
}
std::string query(const std::string& parameters) {
    return "/secretsmanager/get?" + parameters;
}

TEST(DecodeTest, PercentAndPlus) {
    EXPECT_EQ(decode("", true), "");
    EXPECT_EQ(decode("plain-text_1.2~", true), "plain-text_1.2~");
    EXPECT_EQ(decode("a+b", true), "a b");
    EXPECT_EQ(decode("a+b", false), "a+b");
    EXPECT_EQ(decode("a%2Bb", true), "a+b");
    EXPECT_EQ(decode("%41%6a%6A", true), "Ajj");
    EXPECT_EQ(decode("%2525", true), "%25");  // once
    EXPECT_EQ(decode("%00", true), "\0"s);
    EXPECT_EQ(decode("a%20b%2Fc", false), "a b/c");
}

TEST(DecodeTest, AMalformedPercentStays) {
    for (const char* text : {"%", "%%", "%4", "a%", "a%4", "%zz", "%4z", "%z4", "%g0", "% 41", "%-1", "%+1"}) {
        EXPECT_EQ(decode(text, false), text);
    }
    EXPECT_EQ(decode("%%41", true), "%A");
    EXPECT_EQ(decode("%4%41", true), "%4A");
    EXPECT_EQ(decode("%zz%41", true), "%zzA");
}

TEST(DecodeTest, WhatIsNoUtf8IsReplaced) {
    EXPECT_EQ(decode("%C3%A9%e2%82%ac%F0%9F%94%91", true), "\u00e9\u20ac\U0001f511");
    EXPECT_EQ(decode("a%FFb", true), "a" FFFD "b");
    EXPECT_EQ(decode("%E2%82", true), FFFD);
    EXPECT_EQ(decode("%E2%82+%AC", true), FFFD " " FFFD);
}

TEST(ToUtf8Test, WellFormedTextStays) {
    for (const std::string& text :
         {""s, "ascii \0 \x7f"s, "\u0080\u07ff\u0800\ud7ff\ue000\uffff"s, "\U00010000\U0010ffff"s, "\xef\xbf\xbd"s}) {
        EXPECT_EQ(to_utf8(text), text);
    }
}

TEST(ToUtf8Test, OneReplacementForEachMaximalSubpart) {
    // The examples of Unicode 15, tables 3-8 to 3-11.
    EXPECT_EQ(to_utf8("\xc0\xaf\xe0\x80\xbf\xf0\x81\x82\x41"), FFFD FFFD FFFD FFFD FFFD FFFD FFFD FFFD "A");
    EXPECT_EQ(to_utf8("\xed\xa0\x80\xed\xbf\xbf\xed\xaf\x41"), FFFD FFFD FFFD FFFD FFFD FFFD FFFD FFFD "A");
    EXPECT_EQ(to_utf8("\xf4\x91\x92\x93\xff\x41\x80\xbf\x42"), FFFD FFFD FFFD FFFD FFFD "A" FFFD FFFD "B");
    EXPECT_EQ(to_utf8("\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41"), FFFD FFFD FFFD FFFD "A");
}

TEST(ToUtf8Test, CutShortAtTheEnd) {
    EXPECT_EQ(to_utf8("a\xc3"), "a" FFFD);
    EXPECT_EQ(to_utf8("a\xe2"), "a" FFFD);
    EXPECT_EQ(to_utf8("a\xe2\x82"), "a" FFFD);
    EXPECT_EQ(to_utf8("a\xf0\x9f"), "a" FFFD);
    EXPECT_EQ(to_utf8("a\xf0\x9f\x94"), "a" FFFD);
    EXPECT_EQ(to_utf8("a\x80"), "a" FFFD);
    EXPECT_EQ(to_utf8("\xe2\x82\xe2\x82\xac"), FFFD "\u20ac");  // a lead byte ends what was cut short
}

TEST(ToUtf8Test, TheBoundsOfTheSecondByte) {
    EXPECT_EQ(to_utf8("\xe0\x9f\xbf"), FFFD FFFD FFFD);
    EXPECT_EQ(to_utf8("\xe0\xa0\x80"), "\u0800");
    EXPECT_EQ(to_utf8("\xed\x9f\xbf"), "\ud7ff");
    EXPECT_EQ(to_utf8("\xed\xa0\x80"), FFFD FFFD FFFD);
    EXPECT_EQ(to_utf8("\xf0\x8f\xbf\xbf"), FFFD FFFD FFFD FFFD);
    EXPECT_EQ(to_utf8("\xf0\x90\x80\x80"), "\U00010000");
    EXPECT_EQ(to_utf8("\xf4\x8f\xbf\xbf"), "\U0010ffff");
    EXPECT_EQ(to_utf8("\xf4\x90\x80\x80"), FFFD FFFD FFFD FFFD);
    EXPECT_EQ(to_utf8("\xf5\x80\x80\x80"), FFFD FFFD FFFD FFFD);
    EXPECT_EQ(to_utf8("\xc1\xbf"), FFFD FFFD);
    EXPECT_EQ(to_utf8("\xc2\x80"), "\u0080");
}

TEST(RouteTest, ComparesWithTheRawPath) {
    const auto route = [](const char* target) { return Interpreted(target)->route; };
    EXPECT_EQ(route("/ping"), Route::Ping);
    EXPECT_EQ(route("/ping?whatever&=%"), Route::Ping);
    EXPECT_EQ(route("http://localhost/ping"), Route::Ping);
    EXPECT_EQ(route("/secretsmanager/get?secretId=a"), Route::Secret);
    EXPECT_EQ(route("/secretsmanager/get"), Route::Secret);
    EXPECT_EQ(route("/v1/a"), Route::Secret);
    EXPECT_EQ(route("/v1/"), Route::Secret);
    for (const char* target : {"/", "/ping/", "/PING", "/%70ing", "/pin", "/pingx", "//ping", "/secretsmanager/get/",
                               "/secretsmanager//get", "/secretsmanager/Get", "/secretsmanager", "/v1", "/V1/a",
                               "/%76%31/a", "/v2/a", "http://localhost", "http://localhost?/v1/a"}) {
        EXPECT_EQ(route(target), Route::None) << target;
    }
}

TEST(RouteTest, ThePrefixIsAPlainString) {
    EXPECT_EQ(Interpreted("/v1abc", "/v1").question().secret_id, "abc");
    EXPECT_EQ(Interpreted("/v1/abc", "/v1").question().secret_id, "/abc");
    EXPECT_EQ(Interpreted("/abc", "/").question().secret_id, "abc");
    EXPECT_EQ(Interpreted("/a/b/c", "/a/b/").question().secret_id, "c");
}

TEST(RouteTest, PingAndQueryFormWinOverAPrefixThatCoversThem) {
    EXPECT_EQ(Interpreted("/ping", "/")->route, Route::Ping);
    EXPECT_EQ(Interpreted("/ping", "/ping")->route, Route::Ping);
    const Interpreted request("/secretsmanager/get?secretId=a", "/");
    EXPECT_EQ(request->complaint, "");
    EXPECT_EQ(request.question().secret_id, "a");
    EXPECT_EQ(Interpreted("/secretsmanager/geta", "/").question().secret_id, "secretsmanager/geta");
}

TEST(QueryFormTest, AllParameters) {
    const Interpreted request(query("secretId=MySecret&versionId=v1&versionStage=AWSPENDING&refreshNow=true"));
    EXPECT_EQ(request->complaint, "");
    EXPECT_FALSE(request->role);
    EXPECT_EQ(request.question().secret_id, "MySecret");
    EXPECT_EQ(request.question().version_id, "v1");
    EXPECT_EQ(request.question().version_stage, "AWSPENDING");
    EXPECT_TRUE(request.question().refresh_now);
}

TEST(QueryFormTest, WhatIsNotGivenIsNotThere) {
    const Interpreted request(query("secretId=a"));
    EXPECT_FALSE(request.question().version_id);
    EXPECT_FALSE(request.question().version_stage);
    EXPECT_FALSE(request.question().refresh_now);
    EXPECT_FALSE(request->role);
}

TEST(QueryFormTest, EmptyVersionsArePassedOn) {
    const Interpreted request(query("secretId=a&versionId=&versionStage"));
    EXPECT_EQ(request->complaint, "");
    EXPECT_EQ(request.question().version_id, "");
    EXPECT_EQ(request.question().version_stage, "");
}

TEST(QueryFormTest, Pairs) {
    EXPECT_EQ(id_of(query("secretId=a;versionId=b")), "a;versionId=b");  // ';' is data
    EXPECT_EQ(id_of(query("&&secretId=a&&&")), "a");
    EXPECT_EQ(id_of(query("secretId=a=b=")), "a=b=");  // the first '=' splits
    EXPECT_EQ(id_of(query("secretId=?a/b?")), "?a/b?");
    EXPECT_EQ(id_of(query("secretId=a`b")), "a`b");
    EXPECT_EQ(complaint_of(query("secretId=a&?versionId=b")), "unknown parameter: ?versionId");
}

TEST(QueryFormTest, NamesAndValuesAreDecoded) {
    EXPECT_EQ(id_of(query("%73ecretId=a")), "a");
    EXPECT_EQ(id_of(query("secretId=a+b%2Bc%26d%3De")), "a b+c&d=e");
    EXPECT_EQ(id_of(query("secretId=%C3%A9")), "\u00e9");
    EXPECT_EQ(id_of(query("secretId=%FF")), FFFD);
    EXPECT_EQ(id_of(query("secretId=%zz%4")), "%zz%4");
    EXPECT_EQ(id_of(query("secretId=arn:aws:secretsmanager:us-west-2:123456789012:secret:a/b-NhBWsc")),
              "arn:aws:secretsmanager:us-west-2:123456789012:secret:a/b-NhBWsc");
    const Interpreted request(query("secretId=a&version%49d=%31+&versionStage=%41WS"));
    EXPECT_EQ(request.question().version_id, "1 ");
    EXPECT_EQ(request.question().version_stage, "AWS");
}

TEST(QueryFormTest, TheLastValueWins) {
    const Interpreted request(query("secretId=a&versionId=1&secretId=b&versionId=2&versionStage=x&versionStage=y"
                                    "&refreshNow=true&refreshNow=false"));
    EXPECT_EQ(request.question().secret_id, "b");
    EXPECT_EQ(request.question().version_id, "2");
    EXPECT_EQ(request.question().version_stage, "y");
    EXPECT_FALSE(request.question().refresh_now);
    EXPECT_EQ(complaint_of(query("secretId=a&secretId=")), "missing parameter secretId");
    EXPECT_EQ(id_of(query("secretId=&secretId=a")), "a");
}

TEST(QueryFormTest, MissingId) {
    for (const char* parameters : {"", "secretId", "secretId=", "versionId=a", "&&", "refreshNow=true"}) {
        EXPECT_EQ(complaint_of(query(parameters)), "missing parameter secretId") << parameters;
    }
    EXPECT_EQ(complaint_of("/secretsmanager/get"), "missing parameter secretId");
}

TEST(QueryFormTest, UnknownParameters) {
    EXPECT_EQ(complaint_of(query("secretid=a")), "unknown parameter: secretid");
    EXPECT_EQ(complaint_of(query("secretId=a&foo=1&bar=2")), "unknown parameter: foo");
    EXPECT_EQ(complaint_of(query("secretId=a&f%6Fo+=1")), "unknown parameter: foo ");  // as decoded
    EXPECT_EQ(complaint_of(query("secretId=a&=x")), "unknown parameter: ");
    EXPECT_EQ(complaint_of(query("secretId=a&%FF")), "unknown parameter: " FFFD);
    EXPECT_EQ(complaint_of(query("secretId =a")), "unknown parameter: secretId ");
}

TEST(QueryFormTest, RefreshNow) {
    for (const char* yes : {"true", "TRUE", "True", "tRuE", "1", "%31", "%74rue"}) {
        const Interpreted request(query("secretId=a&refreshNow="s + yes));
        EXPECT_EQ(request->complaint, "") << yes;
        EXPECT_TRUE(request.question().refresh_now) << yes;
    }
    for (const char* no : {"false", "FALSE", "fAlse", "0"}) {
        const Interpreted request(query("secretId=a&refreshNow="s + no));
        EXPECT_EQ(request->complaint, "") << no;
        EXPECT_FALSE(request.question().refresh_now) << no;
    }
    for (const char* bad : {"", "yes", "no", "2", "01", "true+", "t", "on"}) {
        EXPECT_EQ(complaint_of(query("secretId=a&refreshNow="s + bad)), "invalid refreshNow value") << bad;
    }
    EXPECT_EQ(complaint_of(query("secretId=a&refreshNow")), "invalid refreshNow value");
}

TEST(QueryFormTest, TheOrderOfComplaints) {
    // Unknown names and refreshNow as they are met, each refreshNow; then the id; then the role.
    EXPECT_EQ(complaint_of(query("x=1&refreshNow=x")), "unknown parameter: x");
    EXPECT_EQ(complaint_of(query("refreshNow=x&x=1")), "invalid refreshNow value");
    EXPECT_EQ(complaint_of(query("refreshNow=x&refreshNow=1&secretId=a")), "invalid refreshNow value");
    EXPECT_EQ(complaint_of(query("roleArn=bad&x=1")), "unknown parameter: x");
    EXPECT_EQ(complaint_of(query("roleArn=bad&refreshNow=")), "invalid refreshNow value");
    EXPECT_EQ(complaint_of(query("roleArn=bad")), "missing parameter secretId");
    EXPECT_EQ(complaint_of(query("roleArn=bad&secretId=a")), kBadRole);
    EXPECT_EQ(complaint_of("/v1/?roleArn=bad"), "missing secret ID");
    EXPECT_EQ(complaint_of("/v1/?x=1"), "unknown parameter: x");
    EXPECT_EQ(complaint_of("/v1/?refreshNow=x"), "invalid refreshNow value");
}

TEST(QueryFormTest, WellFormedRoles) {
    for (const char* role :
         {"arn:aws:iam::123456789012:role/x", "arn:aws-us-gov:iam::000000000000:role/path/to/Name_1-2",
          "arn:a_b-C9:iam::999999999999:role/%2B=,.@/-_", "arn:aws:iam::123456789012:role//"}) {
        const Interpreted request(query("secretId=a&roleArn="s + role));
        EXPECT_EQ(request->complaint, "") << role;
        EXPECT_TRUE(request->role) << role;
    }
}

TEST(QueryFormTest, MalformedRoles) {
    for (const char* role :
         {"",
          "x",
          "arn",
          "arn:",
          "arn::iam::123456789012:role/x",
          "ARN:aws:iam::123456789012:role/x",
          "arn:aws:iam::123456789012:role/",
          "arn:aws:iam::12345678901:role/x",
          "arn:aws:iam::1234567890123:role/x",
          "arn:aws:iam::12345678901a:role/x",
          "arn:aws:iam:us-east-1:123456789012:role/x",
          "arn:aws:sts::123456789012:role/x",
          "arn:aws:iam::123456789012:user/x",
          "arn:aws:iam::123456789012:role/x%20y",
          "arn:aws:iam::123456789012:role/a+b",  // a space by now: '+' must be sent as %2B
          "arn:aws:iam::123456789012:role/x%0A",
          "%20arn:aws:iam::123456789012:role/x",
          "arn:a.s:iam::123456789012:role/x",
          "arn:aws:iam::123456789012:role/%C3%A9",  // \w in ASCII only
          "arn:aws:iam::%D9%A1%D9%A1%D9%A1%D9%A1%D9%A1%D9%A1%D9%A1%D9%A1%D9%A1%D9%A1%D9%A1%D9%A1:role/x",  // so is \d
          "arn:aws:iam::123456789012:role/a:b",
          "arn:aws:iam::123456789012:role"}) {
        EXPECT_EQ(complaint_of(query("secretId=a&roleArn="s + role)), kBadRole) << role;
    }
}

TEST(QueryFormTest, OfSeveralRolesTheLastCounts) {
    const std::string good = "roleArn=arn:aws:iam::123456789012:role/x";
    EXPECT_EQ(complaint_of(query("secretId=a&roleArn=bad&" + good)), "");
    EXPECT_EQ(complaint_of(query("secretId=a&" + good + "&roleArn=bad")), kBadRole);
}

TEST(PathFormTest, TheIdIsWhatFollowsThePrefix) {
    EXPECT_EQ(id_of("/v1/a"), "a");
    EXPECT_EQ(id_of("/v1/a/b/c"), "a/b/c");
    EXPECT_EQ(id_of("/v1//a/"), "/a/");
    EXPECT_EQ(id_of("/v1/arn:aws:secretsmanager:us-west-2:123456789012:secret:MyTest-NhBWsc"),
              "arn:aws:secretsmanager:us-west-2:123456789012:secret:MyTest-NhBWsc");
    EXPECT_EQ(id_of("http://localhost:2773/v1/abc"), "abc");
}

TEST(PathFormTest, DecodesOnceAndKeepsPlus) {
    EXPECT_EQ(id_of("/v1/a%20b"), "a b");
    EXPECT_EQ(id_of("/v1/a+b"), "a+b");
    EXPECT_EQ(id_of("/v1/a%2Bb+c"), "a+b+c");
    EXPECT_EQ(id_of("/v1/a%2Fb"), "a/b");
    EXPECT_EQ(id_of("/v1/a%2520b"), "a%20b");
    EXPECT_EQ(id_of("/v1/a%3Fb"), "a?b");
    EXPECT_EQ(id_of("/v1/100%"), "100%");
    EXPECT_EQ(id_of("/v1/%E2%82%AC%FF"), "\u20ac" FFFD);
    EXPECT_EQ(id_of("/v1/\"{}\\"), "\"{}\\");
}

TEST(PathFormTest, DotSegmentsAreData) {
    EXPECT_EQ(id_of("/v1/a/../b"), "a/../b");
    EXPECT_EQ(id_of("/v1/a/."), "a/.");
    EXPECT_EQ(id_of("/v1/../x"), "../x");
    EXPECT_EQ(id_of("/v1/%2e%2e/x"), "../x");
    EXPECT_EQ(Interpreted("/x/../v1/a")->route, Route::None);
}

TEST(PathFormTest, ParametersAsInTheQueryFormButTheId) {
    const Interpreted request("/v1/a?versionId=1&versionStage=b+c&refreshNow=1");
    EXPECT_EQ(request->complaint, "");
    EXPECT_EQ(request.question().secret_id, "a");
    EXPECT_EQ(request.question().version_id, "1");
    EXPECT_EQ(request.question().version_stage, "b c");
    EXPECT_TRUE(request.question().refresh_now);
    EXPECT_EQ(complaint_of("/v1/a?secretId=b"), "unknown parameter: secretId");
    EXPECT_EQ(complaint_of("/v1/a?roleArn=b"), kBadRole);
    EXPECT_TRUE(Interpreted("/v1/a?roleArn=arn:aws:iam::123456789012:role/x")->role);
}

TEST(PathFormTest, NothingAfterThePrefix) {
    EXPECT_EQ(complaint_of("/v1/"), "missing secret ID");
    EXPECT_EQ(complaint_of("/v1/?versionId=1"), "missing secret ID");
    EXPECT_EQ(Interpreted("/v1", "/v1")->complaint, "missing secret ID");
}

TEST(InterpretTest, WhatNeedsNoDecodingIsNotCopied) {
    EXPECT_TRUE(Interpreted(query("secretId=a/b:c&versionStage=AWSCURRENT&refreshNow=0"))->decoded.empty());
    EXPECT_TRUE(Interpreted("/v1/a+b?versionId=1")->decoded.empty());
    EXPECT_FALSE(Interpreted(query("secretId=a+b"))->decoded.empty());
}

}  // namespace
}  // namespace sma::server
