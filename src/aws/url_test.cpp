// SPDX-License-Identifier: Apache-2.0
#include "aws/base64.hpp"
#include "aws/http_proxy.hpp"
#include "aws/test_support.hpp"
#include "aws/time_text.hpp"
#include "aws/url.hpp"
#include "aws/user_agent.hpp"

#include <gtest/gtest.h>

namespace sma::aws {
namespace {

using testing::fake_environment;

TEST(UrlTest, TakesApart) {
    const Url url = parse_url("HTTP://User:p%40ss@Example.COM:8080/base/path?x=1").value();
    EXPECT_FALSE(url.https);
    EXPECT_EQ(url.host, "example.com");
    EXPECT_EQ(url.port, 8080);
    EXPECT_EQ(url.path, "/base/path");
    EXPECT_EQ(url.query, "x=1");
    EXPECT_EQ(url.user_info, "User:p%40ss");
    EXPECT_EQ(url.text(), "http://example.com:8080/base/path?x=1");
    EXPECT_EQ(parse_url("https://h").value().authority(), "h");
    EXPECT_EQ(parse_url("https://h:443/").value().authority(), "h");
    EXPECT_EQ(parse_url("https://h:80/").value().authority(), "h:80");
    EXPECT_EQ(parse_url("http://[::1]:9/").value().authority(), "[::1]:9");
    EXPECT_EQ(parse_url("http://h:/").value().port, 80);
}

TEST(UrlTest, RefusesWhatItCannotUse) {
    for (const char* const text : {"", "h", "h:80", "ftp://h", "http://", "http://:80", "http://h:0", "http://h:65536",
                                   "http://h:x", "http://[::1", "http://[zz]", "http://h/a b", "http://h/\n",
                                   "http://h/#f", "http://h\r\nX: y/", "http://h@", "http://[::1]x", "http://h/\x80"}) {
        EXPECT_FALSE(parse_url(text)) << text;
    }
    const auto secret = parse_url("http://user:hunter2@:80/");
    ASSERT_FALSE(secret);
    EXPECT_EQ(secret.error().describe().find("hunter2"), std::string::npos);
}

TEST(UrlTest, KnowsLoopback) {
    for (const char* const host : {"localhost", "127.0.0.1", "127.9.9.9", "[::1]"}) {
        EXPECT_TRUE(parse_url(std::string("http://") + host).value().is_loopback()) << host;
    }
    for (const char* const host : {"localhost.example", "128.0.0.1", "[::2]", "127.0.0.1.example"}) {
        EXPECT_FALSE(parse_url(std::string("http://") + host).value().is_loopback()) << host;
    }
}

TEST(TimeTextTest, ReadsIso8601) {
    const WallTime time{std::chrono::seconds(1'440'938'160)};
    for (const char* const text :
         {"2015-08-30T12:36:00Z", "2015-08-30T12:36:00", "2015-08-30T12:36:00UTC", "2015-08-30T14:36:00+02:00",
          "2015-08-30T11:36:00-0100", "2015-08-30T12:36:00.000Z"}) {
        EXPECT_EQ(parse_iso8601(text), time) << text;
    }
    EXPECT_EQ(parse_iso8601("2015-08-30T12:36:00.25Z"), time + std::chrono::milliseconds(250));
    for (const char* const text : {"", "2015", "2015-02-30T12:36:00Z", "2015-08-30T24:36:00Z", "2015-08-30T12:36:00.Z",
                                   "2015-08-30T12:36:00+", "2015-08-30T12:36:00Zx", "0001-01-01T00:00:00Z", "soon"}) {
        EXPECT_FALSE(parse_iso8601(text)) << text;
    }
}

TEST(TimeTextTest, ReadsHttpDates) {
    EXPECT_EQ(parse_http_date("Sun, 30 Aug 2015 12:36:00 GMT"), WallTime(std::chrono::seconds(1'440'938'160)));
    for (const char* const text : {"", "Sun, 30 Foo 2015 12:36:00 GMT", "Sun, 30 Aug 2015 12:36:00 EST",
                                   "Sunday, 30-Aug-15 12:36:00 GMT", "Sun, 3x Aug 2015 12:36:00 GMT"}) {
        EXPECT_FALSE(parse_http_date(text)) << text;
    }
}

TEST(Base64Test, Checks) {
    for (const char* const text : {"", "AAAA", "AA==", "AAA=", "+/09"})
        EXPECT_TRUE(is_base64(text)) << text;
    for (const char* const text : {"A", "AAA", "A===", "====", "AA=A", "A_-A", "AA A", "AAAA\n"}) {
        EXPECT_FALSE(is_base64(text)) << text;
    }
}

std::string chosen(const testing::Variables& variables, const char* url) {
    const ProxySettings settings = ProxySettings::from(fake_environment(variables)).value();
    const Url* const proxy = settings.select(parse_url(url).value());
    return proxy == nullptr ? "" : proxy->text();
}

TEST(ProxyTest, IsChosenByScheme) {
    const testing::Variables both{{"HTTPS_PROXY", "http://a:1"}, {"HTTP_PROXY", "b:2"}};
    EXPECT_EQ(chosen(both, "https://x.example"), "http://a:1");
    EXPECT_EQ(chosen(both, "http://x.example"), "http://b:2");
    EXPECT_EQ(chosen({}, "https://x.example"), "");
    EXPECT_EQ(chosen({{"ALL_PROXY", "http://a:1"}}, "https://x.example"), "");
    EXPECT_EQ(chosen({{"HTTPS_PROXY", "http://a:1"}, {"https_proxy", "http://c:3"}}, "https://x.example"),
              "http://c:3");
    EXPECT_EQ(chosen({{"HTTPS_PROXY", "http://a:1"}, {"https_proxy", ""}}, "https://x.example"), "");
    EXPECT_EQ(chosen(both, "http://127.0.0.1:4566"), "");
    EXPECT_FALSE(ProxySettings::from(fake_environment({{"HTTPS_PROXY", "http://a:b:c"}})));
    EXPECT_FALSE(ProxySettings::from(fake_environment({{"HTTPS_PROXY", "https://a"}})));
}

TEST(ProxyTest, NoProxyMatchesHostsAndSuffixes) {
    const auto bypassed = [](const char* list, const char* url) {
        return chosen({{"HTTPS_PROXY", "http://a:1"}, {"NO_PROXY", list}}, url).empty();
    };
    EXPECT_TRUE(bypassed("*", "https://x.example"));
    EXPECT_TRUE(bypassed("foo, EXAMPLE", "https://x.example"));
    EXPECT_TRUE(bypassed(".amazonaws.com", "https://sts.us-east-1.amazonaws.com"));
    EXPECT_TRUE(bypassed("x.example:443", "https://x.example"));
    EXPECT_TRUE(bypassed("10.0.0.1", "https://10.0.0.1:8443"));
    EXPECT_FALSE(bypassed("x.example:444", "https://x.example"));
    EXPECT_FALSE(bypassed("ample", "https://x.example"));
    EXPECT_FALSE(bypassed("10.0.0.0/8", "https://10.0.0.1"));
    EXPECT_FALSE(bypassed("", "https://x.example"));
}

TEST(ProxyTest, AuthorizationIsBasic) {
    EXPECT_EQ(proxy_authorization(parse_url("http://Aladdin:open%20sesame@p").value()).reveal(),
              "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    EXPECT_TRUE(proxy_authorization(parse_url("http://p").value()).empty());
}

TEST(UserAgentTest, NamesTheProgramAndItsSurroundings) {
    const std::string text = user_agent(fake_environment({{"AWS_EXECUTION_ENV", "AWS_ECS FARGATE"}}), "my app\r\nX");
    EXPECT_TRUE(text.starts_with("aws-secrets-manager-agent/" SMA_VERSION " ")) << text;
    EXPECT_NE(text.find(" exec-env/AWS_ECS-FARGATE"), std::string::npos) << text;
    EXPECT_TRUE(text.ends_with(" app/my-app--X")) << text;
}

}  // namespace
}  // namespace sma::aws
