// SPDX-License-Identifier: Apache-2.0
#include "server/request.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace sma::server {
namespace {

using namespace std::string_literals;

const TokenCheck& token_check() {
    static const TokenCheck check({"X-Aws-Parameters-Secrets-Token", "X-Vault-Token"}, SecretBytes("t0ken"));
    return check;
}

// A head kept in a block of exactly its size, so that AddressSanitizer sees a read past it.
class Parsed {
public:
    explicit Parsed(std::string_view bytes) : bytes_(bytes.begin(), bytes.end()) {
        why_ = parse_head({bytes_.data(), bytes_.size()}, token_check(), head_);
    }
    [[nodiscard]] Malformed why() const { return why_; }
    const RequestHead* operator->() const { return &head_; }

private:
    std::vector<char> bytes_;
    RequestHead head_;
    Malformed why_;
};

std::string with(std::string_view fields, std::string_view line = "GET /ping HTTP/1.1") {
    return std::string(line) + "\r\n" + std::string(fields) + "\r\n";
}
Malformed verdict(const std::string& bytes) {
    return Parsed(bytes).why();
}
Malformed verdict_on_target(const std::string& target) {
    return verdict(with("Host: localhost\r\n", "GET " + target + " HTTP/1.1"));
}

// find_head with the bytes cut at `cut`: looked at once before and once after.
std::size_t find_cut(std::string_view bytes, std::size_t cut) {
    std::size_t searched = 0;
    const std::size_t early = find_head(bytes.substr(0, cut), searched);
    return early != 0 ? early : find_head(bytes, searched);
}
std::size_t find_byte_by_byte(std::string_view bytes) {
    std::size_t searched = 0;
    for (std::size_t have = 0; have <= bytes.size(); ++have) {
        if (const std::size_t size = find_head(bytes.substr(0, have), searched); size != 0) return size;
    }
    return 0;
}
void expect_found(const std::string& bytes, std::size_t size) {
    std::size_t searched = 0;
    EXPECT_EQ(find_head(bytes, searched), size) << ::testing::PrintToString(bytes);
    EXPECT_EQ(find_byte_by_byte(bytes), size) << ::testing::PrintToString(bytes);
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
        EXPECT_EQ(find_cut(bytes, cut), size) << ::testing::PrintToString(bytes) << " cut at " << cut;
    }
}

TEST(FindHeadTest, EndsWithAnEmptyLineHoweverItArrives) {
    const std::string head = "GET /ping HTTP/1.1\r\nHost: localhost\r\nA: b\r\n\r\n";
    expect_found(head, head.size());
    expect_found(head + "GET /next", head.size());
    expect_found(head + "\r\n", head.size());
    expect_found(head + head, head.size());
    expect_found("GET / HTTP/1.0\r\n\r\n", 18);
}

TEST(FindHeadTest, SkipsEmptyLinesBeforeIt) {
    const std::string head = "GET /ping HTTP/1.1\r\n\r\n";
    for (const std::string& before : {"\r\n"s, "\n"s, "\r\n\r\n"s, "\n\n\n"s, "\r\n\n\r\n\r\n"s, "\r\r\n"s, "\r"s}) {
        expect_found(before + head, before.size() + head.size());
    }
}

TEST(FindHeadTest, BareLineFeedsEndAHeadToo) {
    expect_found("GET / HTTP/1.1\nA: b\n\n", 21);
    expect_found("GET / HTTP/1.1\r\nA: b\n\n", 22);
    expect_found("GET / HTTP/1.1\nA: b\r\n\n", 22);
    expect_found("GET / HTTP/1.1\nA: b\n\r\n", 22);
}

TEST(FindHeadTest, IsNotCompleteYet) {
    for (const std::string& bytes :
         {""s, "\r\n"s, "\r\n\r\n\r\n"s, "\n\n"s, "G"s, "GET / HTTP/1.1\r\n"s, "GET / HTTP/1.1\r\n\r"s,
          "GET / HTTP/1.1\r\nA: b"s, "GET / HTTP/1.1\r\n\rA"s, "GET / HTTP/1.1\r\r\r"s, "GET / HTTP/1.1\n"s}) {
        expect_found(bytes, 0);
    }
}

TEST(FindHeadTest, DoesNotLookTwiceAtWhatItHasSeen) {
    std::size_t searched = 0;
    const std::string bytes(10'000, 'a');
    EXPECT_EQ(find_head(bytes, searched), 0U);
    EXPECT_EQ(searched, bytes.size());
}

TEST(ParseHeadTest, TheFacts) {
    const Parsed head(with("Host: localhost:2773\r\nX-Vault-Token: t0ken\r\n", "GET /v1/a?refreshNow=1 HTTP/1.1"));
    ASSERT_EQ(head.why(), Malformed::No);
    EXPECT_EQ(head->method, "GET");
    EXPECT_EQ(head->target, "/v1/a?refreshNow=1");
    EXPECT_EQ(head->host, "localhost:2773");
    EXPECT_EQ(head->hosts, 1U);
    EXPECT_TRUE(head->token);
    EXPECT_TRUE(head->keep_alive);
    EXPECT_FALSE(head->http_1_0);
    EXPECT_FALSE(head->forwarded);
    EXPECT_FALSE(head->body);
}

TEST(ParseHeadTest, WithoutAnyField) {
    const Parsed head(with("", "GET / HTTP/1.0"));
    ASSERT_EQ(head.why(), Malformed::No);
    EXPECT_EQ(head->hosts, 0U);
    EXPECT_FALSE(head->token);
}

TEST(ParseHeadTest, EmptyLinesBeforeAreIgnored) {
    EXPECT_EQ(verdict("\r\n\r\n" + with("Host: a\r\n")), Malformed::No);
    EXPECT_EQ(verdict("\n" + with("Host: a\r\n")), Malformed::No);
    EXPECT_EQ(verdict("\r\n\r\n"), Malformed::BadRequest);
    EXPECT_EQ(verdict(""), Malformed::BadRequest);
}

TEST(ParseHeadTest, Methods) {
    for (const std::string& method : {"GET"s, "HEAD"s, "POST"s, "PUT"s, "DELETE"s, "OPTIONS"s, "PATCH"s, "TRACE"s,
                                      "BREW"s, "get"s, "G"s, "!#$%&'*+-.^_`|~09"s}) {
        const Parsed head(with("", method + " /ping HTTP/1.1"));
        EXPECT_EQ(head.why(), Malformed::No) << method;
        EXPECT_EQ(head->method, method);
    }
    for (const std::string& method : {""s, "G T"s, "G(T"s, "GET\x80"s, "\"GET\""s, "GET:"s, "G\0T"s}) {
        EXPECT_EQ(verdict(with("", method + " /ping HTTP/1.1")), Malformed::BadRequest) << method;
    }
}

TEST(ParseHeadTest, Versions) {
    EXPECT_FALSE(Parsed(with("", "GET / HTTP/1.1"))->http_1_0);
    EXPECT_TRUE(Parsed(with("", "GET / HTTP/1.0"))->http_1_0);
    for (const char* line :
         {"GET /", "GET / ", "GET / HTTP/2.0", "GET / HTTP/1.2", "GET / HTTP/0.9", "GET / HTTP/1", "GET / HTTP/1.10",
          "GET / http/1.1", "GET / HTTP/1.1 ", "GET / HTTP/ 1.1", "GET  / HTTP/1.1", "GET /  HTTP/1.1",
          " GET / HTTP/1.1", "GET / FTP/1.1", "GET\t/ HTTP/1.1", "GET /HTTP/1.1", "GET HTTP/1.1", "PRI * HTTP/2.0"}) {
        EXPECT_EQ(verdict(with("Host: a\r\n", line)), Malformed::BadRequest) << line;
    }
}

TEST(ParseHeadTest, WhatATargetMayHold) {
    for (const char* target : {"/", "/a/b?c=d&e", "*", "http://h/p?q", "/%20%00%ff", "/!$&'()*+,;=:@-._~", "/[]{}|\\^",
                               "/\"path", "/a?back`tick", "/a?b?c", "/a?[]{}|\\^'"}) {
        EXPECT_EQ(verdict_on_target(target), Malformed::No) << target;
    }
    for (const char* target : {"/a#b", "/a?b#c", "#", "/a<b", "/a>b", "/a?b<c", "/a?b>c", "/a`b", "/a?b\"c", "/a b",
                               "/a\tb", "/\x7f", "/\x80", "/\xc3\xa9", "/a?\xc3\xa9", "/\xff", "/\x01"}) {
        EXPECT_EQ(verdict_on_target(target), Malformed::BadRequest) << target;
    }
    EXPECT_EQ(verdict_on_target("/a\0b"s), Malformed::BadRequest);
}

TEST(ParseHeadTest, TheLongestTarget) {
    EXPECT_EQ(verdict_on_target("/" + std::string(kMaxTarget - 1, 'a')), Malformed::No);
    EXPECT_EQ(verdict_on_target("/" + std::string(kMaxTarget, 'a')), Malformed::TargetTooLong);
    EXPECT_EQ(verdict_on_target("/?" + std::string(kMaxTarget, 'a')), Malformed::TargetTooLong);
}

std::string fields(std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i)
        text += "A" + std::to_string(i) + ": b\r\n";
    return text;
}

TEST(ParseHeadTest, TheMostFields) {
    EXPECT_EQ(verdict(with(fields(kMaxFields))), Malformed::No);
    EXPECT_EQ(verdict(with(fields(kMaxFields + 1))), Malformed::HeadTooLarge);
}

TEST(ParseHeadTest, TheLargestHead) {
    const std::string around = with("A: \r\n");
    const Parsed largest(with("A: " + std::string(kMaxHead - around.size(), 'a') + "\r\n"));
    EXPECT_EQ(largest.why(), Malformed::No);
    // The exact limit is the session's, which does not collect more than kMaxHead.
    EXPECT_EQ(verdict(with("A: " + std::string(kMaxHead + 1024, 'a') + "\r\n")), Malformed::HeadTooLarge);
}

TEST(ParseHeadTest, FoldedFieldsAreRefused) {
    for (const char* text : {"A: b\r\n c\r\n", "A: b\r\n\tc\r\n", "A: b\r\n \r\n", "A:\r\n b\r\n", "A: \r\n\tb\r\n",
                             "A:\r\n \r\n", "A:\r\n \r\n \r\n", "A:\r\n \r\n b\r\n", "X-Vault-Token:\r\n t0ken\r\n",
                             "Host:\r\n localhost\r\n", "Content-Length:\r\n 0\r\n"}) {
        EXPECT_EQ(verdict(with(text)), Malformed::BadRequest) << text;
        EXPECT_EQ(verdict(with("B: c\r\n"s + text + "C: d\r\n")), Malformed::BadRequest) << text;
    }
    EXPECT_EQ(verdict(with(" A: b\r\n")), Malformed::BadRequest);  // folds the request line
}

TEST(ParseHeadTest, BareLineFeedsAreRefused) {
    for (const char* head : {"GET /ping HTTP/1.1\nHost: a\n\n", "GET /ping HTTP/1.1\r\nHost: a\n\r\n",
                             "GET /ping HTTP/1.1\nHost: a\r\n\r\n", "GET /ping HTTP/1.1\r\nHost: a\r\n\n",
                             "GET /ping HTTP/1.1\r\nA: b\nX-Vault-Token: t0ken\r\n\r\n", "GET /ping HTTP/1.1\n\n",
                             "GET /ping HTTP/1.1\r\nHost: a\r\n\r\r\n", "GET /ping HTTP/1.1\r\nA: b\rC: d\r\n\r\n"}) {
        EXPECT_EQ(verdict(head), Malformed::BadRequest) << ::testing::PrintToString(head);
    }
}

TEST(ParseHeadTest, FieldNamesAndValues) {
    EXPECT_EQ(verdict(with("!#$%&'*+-.^_`|~: a\r\n")), Malformed::No);
    EXPECT_EQ(verdict(with("A:\r\nB: \t \r\n")), Malformed::No);
    EXPECT_EQ(verdict(with("A: \x80\xff \"(){}<>\r\n")), Malformed::No);  // obs-text
    for (const std::string& text : {"A : b\r\n"s, ": b\r\n"s, "A\r\n"s, "A b: c\r\n"s, "A\xc3\xa9: b\r\n"s,
                                    "(A): b\r\n"s, "A: b\0c\r\n"s, "A: b\x01\r\n"s, "A: b\x7f\r\n"s, "A\0: b\r\n"s}) {
        EXPECT_EQ(verdict(with(text)), Malformed::BadRequest) << ::testing::PrintToString(text);
    }
}

TEST(ParseHeadTest, TransferEncodingIsRefusedWhateverItSays) {
    for (const char* text :
         {"Transfer-Encoding: chunked\r\n", "transfer-encoding: identity\r\n", "Transfer-Encoding:\r\n",
          "TRANSFER-ENCODING: gzip, chunked\r\n", "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n"}) {
        EXPECT_EQ(verdict(with(text)), Malformed::BadRequest) << text;
        EXPECT_EQ(verdict(with(text, "POST / HTTP/1.1")), Malformed::BadRequest) << text;
        EXPECT_EQ(verdict(with(text, "GET / HTTP/1.0")), Malformed::BadRequest) << text;
    }
}

TEST(ParseHeadTest, ContentLength) {
    EXPECT_FALSE(Parsed(with("Content-Length: 0\r\n"))->body);
    EXPECT_EQ(verdict(with("Content-Length: 0\r\n")), Malformed::No);
    EXPECT_EQ(verdict(with("Content-Length: 000\r\n")), Malformed::No);
    EXPECT_EQ(verdict(with("Content-Length: 1\r\n")), Malformed::BadRequest);
    EXPECT_EQ(verdict(with("content-length: 10\r\n")), Malformed::BadRequest);
    for (const char* value : {"", "-1", "+1", "0x1", "1 1", "1,1", "1, 2", "a", "1.0", "18446744073709551616"}) {
        EXPECT_EQ(verdict(with("Content-Length: "s + value + "\r\n")), Malformed::BadRequest) << value;
    }
    const Parsed post(with("Content-Length: 5\r\n", "POST / HTTP/1.1"));
    EXPECT_EQ(post.why(), Malformed::No);  // refused later, for its method
    EXPECT_TRUE(post->body);
    EXPECT_FALSE(Parsed(with("Content-Length: 0\r\n", "POST / HTTP/1.1"))->body);
}

TEST(ParseHeadTest, RepeatedContentLengthIsRefusedEvenWhenEqual) {
    for (const char* text : {"Content-Length: 0\r\nContent-Length: 0\r\n", "Content-Length: 0\r\ncontent-length: 1\r\n",
                             "Content-Length: 5\r\nA: b\r\nContent-Length: 5\r\n"}) {
        EXPECT_EQ(verdict(with(text)), Malformed::BadRequest) << text;
        EXPECT_EQ(verdict(with(text, "POST / HTTP/1.1")), Malformed::BadRequest) << text;
    }
}

TEST(ParseHeadTest, KeepAlive) {
    const auto keeps = [](const char* version, const std::string& text) {
        const Parsed head(with(text, "GET / HTTP/"s + version));
        EXPECT_EQ(head.why(), Malformed::No) << text;
        return head->keep_alive;
    };
    EXPECT_TRUE(keeps("1.1", ""));
    EXPECT_TRUE(keeps("1.1", "Connection: keep-alive\r\n"));
    EXPECT_TRUE(keeps("1.1", "Connection: foo\r\n"));
    EXPECT_FALSE(keeps("1.1", "Connection: close\r\n"));
    EXPECT_FALSE(keeps("1.1", "connection: CLOSE\r\n"));
    EXPECT_FALSE(keeps("1.1", "Connection: keep-alive, close\r\n"));
    EXPECT_FALSE(keeps("1.1", "Connection: a\r\nConnection: close\r\n"));
    EXPECT_FALSE(keeps("1.0", ""));
    EXPECT_FALSE(keeps("1.0", "Connection: close\r\n"));
    EXPECT_TRUE(keeps("1.0", "Connection: keep-alive\r\n"));
    EXPECT_TRUE(keeps("1.0", "Connection: Keep-Alive\r\n"));
}

TEST(ParseHeadTest, HostsAreCountedAndTheFirstIsKept) {
    const Parsed head(with("Host:  one \r\nA: b\r\nhOST: two\r\n"));
    ASSERT_EQ(head.why(), Malformed::No);
    EXPECT_EQ(head->hosts, 2U);
    EXPECT_EQ(head->host, "one");
    const Parsed empty(with("Host:\r\n"));
    EXPECT_EQ(empty->hosts, 1U);
    EXPECT_EQ(empty->host, "");
}

TEST(ParseHeadTest, TheTokenInAnyOfItsFields) {
    const auto holds = [](const std::string& text) {
        const Parsed head(with(text));
        EXPECT_EQ(head.why(), Malformed::No) << text;
        return head->token;
    };
    EXPECT_TRUE(holds("X-Aws-Parameters-Secrets-Token: t0ken\r\n"));
    EXPECT_TRUE(holds("X-Vault-Token: t0ken\r\n"));
    EXPECT_TRUE(holds("x-vault-TOKEN:t0ken\r\n"));
    EXPECT_TRUE(holds("X-Vault-Token: \t t0ken \t\r\n"));  // the parser strips what surrounds a value
    EXPECT_TRUE(holds("X-Vault-Token: wrong\r\nX-Vault-Token: t0ken\r\n"));
    EXPECT_TRUE(holds("X-Vault-Token: t0ken\r\nX-Vault-Token: wrong\r\n"));
    EXPECT_TRUE(holds("X-Vault-Token: wrong\r\nX-Aws-Parameters-Secrets-Token: t0ken\r\n"));
    EXPECT_FALSE(holds(""));
    EXPECT_FALSE(holds("X-Vault-Token: \r\n"));
    EXPECT_FALSE(holds("X-Vault-Token: T0ken\r\n"));
    EXPECT_FALSE(holds("X-Vault-Token: t0ke\r\n"));
    EXPECT_FALSE(holds("X-Vault-Token: t0kens\r\n"));
    EXPECT_FALSE(holds("X-Vault-Token: t0ken, t0ken\r\n"));
    EXPECT_FALSE(holds("X-Vault-Token: \"t0ken\"\r\n"));
    EXPECT_FALSE(holds("X-Vault-Tokens: t0ken\r\n"));
    EXPECT_FALSE(holds("X-Vault: t0ken\r\n"));
    EXPECT_FALSE(holds("Authorization: Bearer t0ken\r\n"));
    EXPECT_FALSE(holds("Cookie: X-Vault-Token=t0ken\r\n"));
}

TEST(ParseHeadTest, WhatOnlyAProxyAdds) {
    const auto forwarded = [](const std::string& name) {
        const Parsed with_value(with(name + ": 1.2.3.4\r\n"));
        const Parsed empty(with(name + ":\r\n"));
        EXPECT_EQ(with_value->forwarded, empty->forwarded) << name;
        return with_value->forwarded;
    };
    for (const char* name : {"X-Forwarded-For", "x-forwarded-for", "X-FORWARDED-HOST", "X-Forwarded-Proto",
                             "X-Forwarded-Anything", "X-Forwarded", "Forwarded", "FORWARDED", "Via", "via", "X-Real-IP",
                             "x-real-ip", "CF-Connecting-IP", "True-Client-IP", "X-Client-IP", "X-Cluster-Client-IP",
                             "X-Original-Forwarded-For", "X-Envoy-External-Address"}) {
        EXPECT_TRUE(forwarded(name)) << name;
    }
    for (const char* name :
         {"Host",   "User-Agent",      "X-Forward", "Forward",      "Forwarded-For", "Viaduct", "X-Via",
          "X-Real", "X-Amzn-Trace-Id", "From",      "Referer",      "Origin",        "Accept",  "X",
          "V",      "Cookie",          "TE",        "X-Request-Id", "traceparent",   "8",       "^orwarded"}) {
        EXPECT_FALSE(forwarded(name)) << name;
    }
}

TEST(ParseHeadTest, WhatIsNotComplete) {
    for (const char* bytes :
         {"G", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: a", "GET / HTTP/1.1\r\nHost: a\r\n"}) {
        EXPECT_EQ(verdict(bytes), Malformed::BadRequest) << bytes;
    }
}

}  // namespace
}  // namespace sma::server
