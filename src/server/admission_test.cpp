// SPDX-License-Identifier: Apache-2.0
#include "server/admission.hpp"

#include <gtest/gtest.h>

namespace sma::server {
namespace {

RequestHead good_head() {
    RequestHead head;
    head.method = "GET";
    head.host = "localhost:2773";
    head.hosts = 1;
    head.token = true;
    return head;
}
Target target_of(std::string_view text) {
    Target target;
    EXPECT_TRUE(split_target(text, target)) << text;
    return target;
}

class AdmissionTest : public ::testing::Test {
protected:
    [[nodiscard]] unsigned host(std::string_view name) const {
        RequestHead head = good_head();
        head.host = name;
        return admission_.check(head, target_of("/v1/a")).status;
    }
    [[nodiscard]] Refusal check(const RequestHead& head, std::string_view target = "/v1/a") const {
        return admission_.check(head, target_of(target));
    }
    Admission admission_{{"agent.internal", "sidecar", "[fe80::1]"}};
};

TEST(SplitTargetTest, OriginForm) {
    const Target target = target_of("/a/b?c=d?e");
    EXPECT_EQ(target.path, "/a/b");
    EXPECT_EQ(target.query, "c=d?e");
    EXPECT_EQ(target.authority, "");
    EXPECT_EQ(target_of("/").path, "/");
    EXPECT_EQ(target_of("/?").query, "");
    EXPECT_EQ(target_of("//host/x").path, "//host/x");
}

TEST(SplitTargetTest, AbsoluteForm) {
    const Target target = target_of("http://localhost:2773/v1/abc?x=1");
    EXPECT_EQ(target.path, "/v1/abc");
    EXPECT_EQ(target.query, "x=1");
    EXPECT_EQ(target.authority, "localhost:2773");
    EXPECT_EQ(target_of("HTTP://h/p").path, "/p");
    EXPECT_EQ(target_of("http://h").path, "/");
    EXPECT_EQ(target_of("http://h?q=/x").path, "/");
    EXPECT_EQ(target_of("http://h?q=/x").query, "q=/x");
    EXPECT_EQ(target_of("http://h?q=/x").authority, "h");
    EXPECT_EQ(target_of("http://user@h/p").authority, "user@h");
}

TEST(SplitTargetTest, NeitherOfThem) {
    for (const char* text : {"*", "localhost:80", "a/b", "?a", "https://localhost/ping", "http:/ping", "http://",
                             "http:///ping", "http://?a", "ftp://h/", "\\ping", "http:ping"}) {
        Target target;
        EXPECT_FALSE(split_target(text, target)) << text;
    }
}

TEST_F(AdmissionTest, LoopbackNamesAreServed) {
    for (const char* name : {"localhost", "LOCALHOST", "localhost:2773", "localhost:1", "localhost:65535",
                             "localhost:", "127.0.0.1", "127.0.0.1:2773", "[::1]", "[::1]:2773"}) {
        EXPECT_EQ(host(name), 0U) << name;
    }
}

TEST_F(AdmissionTest, LookAlikesAreNot) {
    for (const char* name : {"",
                             ":",
                             ":2773",
                             "evil.example",
                             "localhost.evil.example",
                             "evil.localhost",
                             "localhost.",
                             "localhost:2773:2773",
                             "localhost:a",
                             "localhost:-1",
                             "localhost:+1",
                             "localhost: 1",
                             "localhost:277300",
                             "localhost::2773",
                             "127.0.0.2",
                             "127.1",
                             "127.0.0.1.",
                             "0.0.0.0",
                             "2130706433",
                             "0x7f000001",
                             "::1",
                             "[::1",
                             "[::1].",
                             "[::1]x:80",
                             "[0:0:0:0:0:0:0:1]",
                             "[::]",
                             "[::1%lo]",
                             "[::ffff:127.0.0.1]",
                             "localhost, localhost",
                             "localhost/",
                             "http://localhost",
                             "user@localhost",
                             "localhost@evil.example",
                             "localhost\xc2\xa0"}) {
        EXPECT_EQ(host(name), 403U) << name;
    }
}

TEST_F(AdmissionTest, ConfiguredHostsAreServed) {
    EXPECT_EQ(host("agent.internal"), 0U);
    EXPECT_EQ(host("Agent.Internal:8080"), 0U);
    EXPECT_EQ(host("sidecar:2773"), 0U);
    EXPECT_EQ(host("[fe80::1]:2773"), 0U);
    EXPECT_EQ(host("agent.internal.evil"), 403U);
    EXPECT_EQ(host("internal"), 403U);
}

TEST_F(AdmissionTest, ExactlyOneHostUnlessHttp10) {
    RequestHead head = good_head();
    head.hosts = 0;
    head.host = {};
    EXPECT_EQ(check(head).status, 400U);
    EXPECT_EQ(check(head, "/ping").status, 400U);
    EXPECT_EQ(check(head, "http://localhost/v1/a").status, 400U);
    head.http_1_0 = true;
    EXPECT_FALSE(check(head));
    head.hosts = 2;
    head.host = "localhost";
    EXPECT_EQ(check(head).status, 400U);
    head.http_1_0 = false;
    EXPECT_EQ(check(head).status, 400U);
    EXPECT_EQ(check(head).body, "Bad Host");
}

TEST_F(AdmissionTest, TheAuthorityOfTheAbsoluteFormIsAHostToo) {
    const RequestHead head = good_head();
    EXPECT_FALSE(check(head, "http://127.0.0.1:2773/v1/a"));
    EXPECT_FALSE(check(head, "http://sidecar/ping"));
    EXPECT_EQ(check(head, "http://evil.example/v1/a").status, 403U);
    EXPECT_EQ(check(head, "http://evil.example/ping").status, 403U);
    EXPECT_EQ(check(head, "http://localhost@evil.example/v1/a").status, 403U);
    EXPECT_EQ(check(head, "http://user@localhost/v1/a").status, 403U);
    RequestHead foreign = good_head();
    foreign.host = "evil.example";
    EXPECT_EQ(check(foreign, "http://localhost/v1/a").status, 403U);
    RequestHead old = good_head();
    old.http_1_0 = true;
    old.hosts = 0;
    EXPECT_EQ(check(old, "http://evil.example/v1/a").status, 403U);
}

TEST_F(AdmissionTest, TheOrderOfChecks) {
    RequestHead head;
    head.method = "POST";
    head.hosts = 2;
    head.host = "evil.example";
    head.forwarded = true;
    const auto expect = [&](unsigned status, std::string_view body) {
        const Refusal refusal = check(head);
        EXPECT_EQ(refusal.status, status);
        EXPECT_EQ(refusal.body, body);
        EXPECT_FALSE(refusal.reason.empty());
    };
    expect(400, "Bad Host");
    head.hosts = 1;
    expect(403, "Bad Host");
    head.host = "localhost";
    expect(400, "Forwarded");
    head.forwarded = false;
    expect(403, "Bad Token");
    head.token = true;
    expect(405, "Not allowed");
    head.method = "GET";
    EXPECT_FALSE(check(head));
}

TEST_F(AdmissionTest, TheReferencesLogLines) {
    RequestHead head = good_head();
    head.token = false;
    EXPECT_EQ(check(head).reason, "Rejecting request with incorrect SSRF token");
    head.forwarded = true;
    EXPECT_EQ(check(head).reason, "Rejecting request with X-Forwarded-For header");
}

TEST_F(AdmissionTest, PingNeedsNoTokenAndMayBeForwarded) {
    RequestHead head = good_head();
    head.token = false;
    head.forwarded = true;
    EXPECT_FALSE(check(head, "/ping"));
    EXPECT_FALSE(check(head, "/ping?x"));
    EXPECT_FALSE(check(head, "http://localhost/ping"));
    for (const char* other : {"/ping/", "/Ping", "/%70ing", "//ping", "/", "/none"}) {
        EXPECT_EQ(check(head, other).body, "Forwarded") << other;
    }
    head.method = "HEAD";
    EXPECT_EQ(check(head, "/ping").status, 405U);
}

TEST_F(AdmissionTest, MethodsAreComparedExactly) {
    for (const char* method : {"HEAD", "POST", "get", "GETX", "GE", ""}) {
        RequestHead head = good_head();
        head.method = method;
        EXPECT_EQ(check(head).status, 405U) << method;
    }
}

}  // namespace
}  // namespace sma::server
