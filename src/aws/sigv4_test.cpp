// SPDX-License-Identifier: Apache-2.0
#include "aws/sigv4.hpp"

#include <gtest/gtest.h>

namespace sma::aws::sigv4 {
namespace {

// The keys of AWS's published test suite.
constexpr std::string_view kKeyId = "AKIDEXAMPLE";
const SecretBytes& secret_key() {
    static const SecretBytes key("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    return key;
}
constexpr std::string_view kDate = "20150830T123600Z";

std::string signature_of(const Request& request, std::string region, std::string service) {
    const Scope scope{"20150830", std::move(region), std::move(service)};
    return signature(secret_key(), scope, string_to_sign(kDate, scope, canonical_request(request)));
}

struct Vector {
    const char* host;
    const char* token;  // or null
    const char* canonical_sha256;
    const char* signature;
};

TEST(SigV4Test, SignsSecretsManagerRequestsAsBotocoreDoes) {
    constexpr std::string_view body = R"({"SecretId":"test"})";
    EXPECT_EQ(sha256_hex(body), "ebfe10267bdc7fa2c0c9331b7310a59d1958e654e9b44193559b6676b00847c8");
    for (const Vector& v :
         {Vector{"secretsmanager.us-east-1.amazonaws.com", nullptr,
                 "56a544b32d40a81fdf2852e77a43e1cd7ffe5f76be912e9c303da0b241951acd",
                 "431fba54db59b8e0a2858d201c95fc09a231b3f05fe97765d9492b364e655015"},
          Vector{"secretsmanager.us-east-1.amazonaws.com",
                 "TOKEN/+==", "9140f0569949b3a55cac0aea57eb535baae9532b0bc076706b11df93f75df81d",
                 "8821be594c4beec1596689e6e037238600a4d8287c75090ba77b78f248a767ef"},
          Vector{"127.0.0.1:4566", nullptr, "68b1505c4ed93c2e163ec941772a23f35a5cd12e877f4f17574e59b572424e97",
                 "c470ad224e77b159adcdc24fb557951c3bd7fb8f279b1678ece886b783289ba6"}}) {
        Headers headers{{"Content-Type", "application/x-amz-json-1.1"},
                        {"Host", v.host},
                        {"X-Amz-Date", std::string(kDate)},
                        {"X-Amz-Target", "secretsmanager.GetSecretValue"}};
        if (v.token != nullptr) headers.emplace_back("X-Amz-Security-Token", v.token);
        const Request request{"POST", "/", "", headers, body};
        EXPECT_EQ(sha256_hex(canonical_request(request)), v.canonical_sha256);
        EXPECT_EQ(signature_of(request, "us-east-1", "secretsmanager"), v.signature);
    }
}

TEST(SigV4Test, SignsStsRequestsAsBotocoreDoes) {
    const Request request{"POST",
                          "/",
                          "",
                          {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"},
                           {"Host", "sts.eu-west-1.amazonaws.com"},
                           {"X-Amz-Date", std::string(kDate)}},
                          "Action=GetCallerIdentity&Version=2011-06-15"};
    EXPECT_EQ(sha256_hex(canonical_request(request)),
              "755ff102db5f75bc32eb2dbce3531f83b778bd2dec5f5b344fc26c7020f8365f");
    EXPECT_EQ(signature_of(request, "eu-west-1", "sts"),
              "d9ce7d87516e54d16bce0dfaec690a00a86d0c6a4505e7fbaf9081d93ffcbc1f");
}

Headers suite_headers(Headers more = {}) {
    Headers headers{{"Host", "example.amazonaws.com"}, {"X-Amz-Date", std::string(kDate)}};
    headers.insert(headers.end(), more.begin(), more.end());
    return headers;
}

struct SuiteCase {
    const char* name;
    const char* method;
    const char* path;
    const char* query;
    Headers headers;
    const char* signature;
};

// Cases of AWS's published signing test suite.
TEST(SigV4Test, PublishedSuite) {
    const char* const token =
        "AQoDYXdzEPT//////////"
        "wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuw"
        "thAx7mSEI/qkPpKPi/"
        "kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHN"
        "VXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/"
        "oLxBA"
        "==";
    const std::vector<SuiteCase> cases{
        {"post-vanilla", "POST", "/", "", {}, "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
        {"get-vanilla", "GET", "/", "", {}, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
        {"post-sts-header-before",
         "POST",
         "/",
         "",
         {{"X-Amz-Security-Token", token}},
         "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"},
        {"get-header-value-trim",
         "GET",
         "/",
         "",
         {{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}},
         "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
        {"get-header-key-duplicate",
         "GET",
         "/",
         "",
         {{"My-Header1", "value2"}, {"My-Header1", "value2"}, {"My-Header1", "value1"}},
         "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
        {"get-header-value-order",
         "GET",
         "/",
         "",
         {{"My-Header1", "value4"}, {"My-Header1", "value1"}, {"My-Header1", "value3"}, {"My-Header1", "value2"}},
         "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"},
        {"get-vanilla-query-order-key-case",
         "GET",
         "/",
         "Param2=value2&Param1=value1",
         {},
         "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
        {"post-header-key-case",
         "POST",
         "/",
         "",
         {},
         "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
        {"post-header-value-case",
         "POST",
         "/",
         "",
         {{"My-Header1", "VALUE1"}},
         "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"},
        {"get-slash-dot-slash",
         "GET",
         "/./",
         "",
         {},
         "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
        {"get-slash", "GET", "//", "", {}, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    };
    for (const SuiteCase& c : cases) {
        const Request request{c.method, c.path, c.query, suite_headers(c.headers), ""};
        EXPECT_EQ(signature_of(request, "us-east-1", "service"), c.signature) << c.name;
    }
}

std::string canonical_path(std::string_view path) {
    const std::string text = canonical_request({"GET", path, "", {}, ""});
    return text.substr(4, text.find('\n', 4) - 4);
}

TEST(SigV4Test, PathsAreNormalisedAndEncodedAgain) {
    for (const auto& [path, expected] :
         std::initializer_list<std::pair<const char*, const char*>>{{"", "/"},
                                                                    {"/", "/"},
                                                                    {"//", "/"},
                                                                    {"/./", "/"},
                                                                    {"/a/..", "/"},
                                                                    {"/a/../", "/"},
                                                                    {"/../a", "/a"},
                                                                    {"/a/./b", "/a/b"},
                                                                    {"/a//b//", "/a/b/"},
                                                                    {"/a/b/..", "/a/"},
                                                                    {"/a/.", "/a/"},
                                                                    {"/a%20b", "/a%2520b"},
                                                                    {"/~-_.", "/~-_."},
                                                                    {"/a:b", "/a%3Ab"},
                                                                    {"/\xe1\x88\xb4", "/%E1%88%B4"},
                                                                    {"/...", "/..."}}) {
        EXPECT_EQ(canonical_path(path), expected) << path;
    }
}

std::string canonical_query(std::string_view query) {
    const std::string text = canonical_request({"GET", "/", query, {}, ""});
    return text.substr(6, text.find('\n', 6) - 6);
}

TEST(SigV4Test, QueriesAreSortedAndEncodedOnce) {
    for (const auto& [query, expected] :
         std::initializer_list<std::pair<const char*, const char*>>{{"b=2&a=1", "a=1&b=2"},
                                                                    {"a=2&a=1", "a=1&a=2"},
                                                                    {"a", "a="},
                                                                    {"a=b=c", "a=b%3Dc"},
                                                                    {"a=%2f", "a=%2F"},
                                                                    {"a=%zz", "a=%25zz"},
                                                                    {"a=%", "a=%25"},
                                                                    {"&&a=1&", "a=1"},
                                                                    {"a=b c", "a=b%20c"},
                                                                    {"a-=1&a=2", "a=2&a-=1"}}) {
        EXPECT_EQ(canonical_query(query), expected) << query;
    }
}

TEST(SigV4Test, HeadersAreLoweredTrimmedSortedAndJoined) {
    const Headers headers{{"B-Header", "  x   y\t z "}, {"a", "2"}, {"A", "1"}, {"c", ""}};
    const std::string text = canonical_request({"GET", "/", "", headers, ""});
    EXPECT_EQ(text, "GET\n/\n\na:2,1\nb-header:x y z\nc:\n\na;b-header;c\n" + sha256_hex(""));
    EXPECT_EQ(signed_header_names(headers), "a;b-header;c");
}

TEST(SigV4Test, TheHeaderIsReadBack) {
    const Scope scope{"20150830", "us-east-1", "service"};
    const std::string value = authorization({"POST", "/", "", suite_headers(), ""}, kKeyId, secret_key(), scope, kDate);
    EXPECT_EQ(value, "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
                     "SignedHeaders=host;x-amz-date, "
                     "Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
    const auto parsed = parse_authorization(value);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->access_key_id, kKeyId);
    EXPECT_EQ(parsed->scope.text(), scope.text());
    EXPECT_EQ(parsed->signed_headers, (std::vector<std::string>{"host", "x-amz-date"}));
    EXPECT_TRUE(parsed->signature.starts_with("5da7c1a2"));
}

TEST(SigV4Test, HostileHeadersAreRefused) {
    const std::string credential = "Credential=AK/20150830/us-east-1/s/aws4_request";
    const std::string digest(64, 'a');
    const std::string good = "AWS4-HMAC-SHA256 " + credential + ",SignedHeaders=host,Signature=" + digest;
    EXPECT_TRUE(parse_authorization(good));
    for (const std::string& value : std::vector<std::string>{
             "",
             "Basic abc",
             "AWS4-HMAC-SHA256",
             "AWS4-HMAC-SHA256X" + good.substr(16),
             "AWS4-HMAC-SHA256 ",
             "AWS4-HMAC-SHA256 " + credential,
             "AWS4-HMAC-SHA256 " + credential + ",SignedHeaders=host",
             good + ",Signature=" + digest,
             good + ",Extra=1",
             "AWS4-HMAC-SHA256 " + credential + ",SignedHeaders=,Signature=" + digest,
             "AWS4-HMAC-SHA256 " + credential + ",SignedHeaders=host;;a,Signature=" + digest,
             "AWS4-HMAC-SHA256 " + credential + ",SignedHeaders=ho st,Signature=" + digest,
             "AWS4-HMAC-SHA256 " + credential + ",SignedHeaders=host,Signature=" + digest + "a",
             "AWS4-HMAC-SHA256 " + credential + ",SignedHeaders=host,Signature=" + std::string(64, 'A'),
             "AWS4-HMAC-SHA256 " + credential + ",SignedHeaders=host,Signature=" + std::string(64, 'g'),
             "AWS4-HMAC-SHA256 Credential=AK/2015083/us-east-1/s/aws4_request,SignedHeaders=host,Signature=" + digest,
             "AWS4-HMAC-SHA256 Credential=AK/20150830/us-east-1/s/aws4,SignedHeaders=host,Signature=" + digest,
             "AWS4-HMAC-SHA256 Credential=A/K/20150830/us-east-1/s/aws4_request,SignedHeaders=host,Signature=" + digest,
             "AWS4-HMAC-SHA256 Credential=/20150830/us-east-1/s/aws4_request,SignedHeaders=host,Signature=" + digest,
             good + std::string(5000, ' '),
             std::string("AWS4-HMAC-SHA256 \0", 18) + credential}) {
        const auto parsed = parse_authorization(value);
        ASSERT_FALSE(parsed) << value;
        EXPECT_EQ(parsed.error().kind(), ErrorKind::InvalidInput);
    }
}

TEST(SigV4Test, DatesGoBothWays) {
    const WallTime time{std::chrono::seconds(1'440'938'160)};
    EXPECT_EQ(amz_date(time), kDate);
    EXPECT_EQ(parse_amz_date(kDate).value(), time);
    for (const char* const text : {"", "20150830T123600", "20151330T123600Z", "20150830T253600Z", "2015-0830T12360Z",
                                   "20150830 123600Z", "20150830T1236000Z", "00000000T000000Z"}) {
        EXPECT_FALSE(parse_amz_date(text)) << text;
    }
}

}  // namespace
}  // namespace sma::aws::sigv4
