// SPDX-License-Identifier: Apache-2.0
#include "server/response.hpp"

#include <gtest/gtest.h>

#include <regex>

namespace sma::server {
namespace {

using namespace std::chrono_literals;

// The head with its date masked; the date itself must have the one form that HTTP allows to be sent.
std::string written(const Head& head) {
    HeadWriter writer;
    const std::string text(writer.write(head));
    static const std::regex date("\r\ndate: (Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-3][0-9] "
                                 "(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) 20[0-9]{2} "
                                 "[0-2][0-9]:[0-5][0-9]:[0-6][0-9] GMT\r\n");
    EXPECT_TRUE(std::regex_search(text, date)) << text;
    return std::regex_replace(text, date, "\r\ndate: *\r\n");
}

secrets::Answer answer(cache::Source source, std::chrono::seconds age) {
    return {nullptr, age, source};
}

TEST(HeadWriterTest, ASecret) {
    const secrets::Answer hit = answer(cache::Source::Hit, 12s);
    EXPECT_EQ(written({.type = ContentType::Json, .content_length = 1024, .answer = &hit}),
              "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncache-control: no-store\r\nage: 12\r\n"
              "x-cache: hit\r\ncontent-length: 1024\r\ndate: *\r\n\r\n");
}

TEST(HeadWriterTest, TheWordsOfXCache) {
    const auto word = [](cache::Source source) {
        const secrets::Answer given = answer(source, 0s);
        const std::string text = written({.type = ContentType::Json, .answer = &given});
        const std::size_t at = text.find("x-cache: ") + 9;
        return text.substr(at, text.find('\r', at) - at);
    };
    EXPECT_EQ(word(cache::Source::Hit), "hit");
    EXPECT_EQ(word(cache::Source::Miss), "miss");
    EXPECT_EQ(word(cache::Source::Revalidated), "revalidated");
    EXPECT_EQ(word(cache::Source::Refreshed), "refreshed");
    EXPECT_EQ(word(cache::Source::Stale), "stale");
}

TEST(HeadWriterTest, TextAndNothing) {
    EXPECT_EQ(written({.status = 404, .type = ContentType::Text, .content_length = 9}),
              "HTTP/1.1 404 Not Found\r\ncontent-type: text/plain; charset=utf-8\r\ncache-control: no-store\r\n"
              "content-length: 9\r\ndate: *\r\n\r\n");
    EXPECT_EQ(
        written({.status = 431, .close = true}),
        "HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\ndate: *\r\n\r\n");
}

TEST(HeadWriterTest, ConnectionIsSaidWhereItDiffersFromTheRule) {
    EXPECT_EQ(written({.close = true}), "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\ndate: *\r\n\r\n");
    EXPECT_EQ(written({.http_1_0 = true}),
              "HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 0\r\ndate: *\r\n\r\n");
    EXPECT_EQ(written({.http_1_0 = true, .close = true}),
              "HTTP/1.0 200 OK\r\nconnection: close\r\ncontent-length: 0\r\ndate: *\r\n\r\n");
}

TEST(HeadWriterTest, StatusLines) {
    const auto line = [](unsigned status) {
        const std::string text = written({.status = status});
        return text.substr(9, text.find('\r') - 9);
    };
    EXPECT_EQ(line(200), "200 OK");
    EXPECT_EQ(line(400), "400 Bad Request");
    EXPECT_EQ(line(403), "403 Forbidden");
    EXPECT_EQ(line(404), "404 Not Found");
    EXPECT_EQ(line(405), "405 Method Not Allowed");
    EXPECT_EQ(line(414), "414 URI Too Long");
    EXPECT_EQ(line(429), "429 Too Many Requests");
    EXPECT_EQ(line(431), "431 Request Header Fields Too Large");
    EXPECT_EQ(line(500), "500 Internal Server Error");
    EXPECT_EQ(line(502), "502 Bad Gateway");
    EXPECT_EQ(line(503), "503 Service Unavailable");
    EXPECT_EQ(line(504), "504 Gateway Timeout");
    EXPECT_EQ(line(418), "418 Unknown");  // whatever AWS comes up with
}

TEST(HeadWriterTest, TheLongestHeadFits) {
    const secrets::Answer oldest = answer(cache::Source::Revalidated, std::chrono::seconds::max());
    const std::string text = written({.status = 431,
                                      .type = ContentType::Text,
                                      .content_length = std::numeric_limits<std::size_t>::max(),
                                      .http_1_0 = true,
                                      .close = true,
                                      .answer = &oldest});
    EXPECT_LT(text.size(), 400U);
    EXPECT_NE(text.find("content-length: 18446744073709551615\r\n"), std::string::npos);
}

TEST(ErrorBodyTest, CompactAndEscaped) {
    EXPECT_EQ(error_body("ResourceNotFoundException", "Secrets Manager can't find the specified secret."),
              R"({"__type":"ResourceNotFoundException","message":"Secrets Manager can't find the specified secret."})");
    EXPECT_EQ(error_body("A", "\"\\/\b\f\n\r\t\x01\x1f\x7f\xe2\x80\xa8\xc3\xa9"),
              "{\"__type\":\"A\",\"message\":\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\xe2\x80\xa8\xc3\xa9\"}");
    EXPECT_EQ(error_body("A\"B", "m"), R"({"__type":"A\"B","message":"m"})");
}

TEST(ErrorBodyTest, WithoutTextAllIsInternalFailure) {
    EXPECT_EQ(error_body("AnyException", ""), R"({"__type":"InternalFailure"})");
    EXPECT_EQ(error_body("InternalFailure", "text"), R"({"__type":"InternalFailure"})");
}

TEST(ToResponseTest, TheTable) {
    const auto check = [](const Error& error, unsigned status, std::string_view body) {
        const ErrorResponse response = to_response(error);
        EXPECT_EQ(response.status, status) << to_string(error.kind());
        EXPECT_EQ(response.body, body) << to_string(error.kind());
    };
    constexpr std::string_view internal = R"({"__type":"InternalFailure"})";
    check({ErrorKind::Timeout, "x"}, 504, R"({"__type":"TimeoutError","message":"Timeout"})");
    check({ErrorKind::Connection, "x"}, 502, R"({"__type":"ConnectionError","message":"Read Error"})");
    check({ErrorKind::Truncated, "x"}, 502, R"({"__type":"ConnectionError","message":"Response Error"})");
    check({ErrorKind::Closed, "x"}, 500, internal);
    check({ErrorKind::BadAnswer, "x"}, 500, internal);
    check({ErrorKind::NoCredentials, "x"}, 500, internal);
    check({ErrorKind::NoRegion, "x"}, 500, internal);
    check({ErrorKind::InvalidInput, "x"}, 500, internal);
    check({ErrorKind::System, "x"}, 500, internal);
    check({ErrorKind::Internal, "x"}, 500, internal);
    check({ErrorKind::Stopping, "x"}, 503, internal);
}

TEST(ToResponseTest, AwssOwnAnswerIsPassedOn) {
    const auto response = [](const char* code, const char* text, unsigned status) {
        return to_response(Error::service(code, text, status));
    };
    const ErrorResponse missing = response("ResourceNotFoundException", "no such secret", 400);
    EXPECT_EQ(missing.status, 400U);
    EXPECT_EQ(missing.body, R"({"__type":"ResourceNotFoundException","message":"no such secret"})");
    EXPECT_EQ(response("AccessDeniedException", "no", 403).status, 403U);
    EXPECT_EQ(response("InternalServiceError", "oops", 503).status, 503U);
    EXPECT_EQ(response("InternalFailure", "oops", 500).body, R"({"__type":"InternalFailure"})");
    EXPECT_EQ(response("InternalFailure", "oops", 400).status, 400U);
}

TEST(ToResponseTest, WithoutCodeOrTextItIsInternal) {
    for (const auto& [code, text] : {std::pair("", "text"), std::pair("Code", ""), std::pair("", "")}) {
        const ErrorResponse response = to_response(Error::service(code, text, 400));
        EXPECT_EQ(response.status, 500U);
        EXPECT_EQ(response.body, R"({"__type":"InternalFailure"})");
    }
}

TEST(ToResponseTest, AStatusThatIsNoErrorIsNotPassedOn) {
    for (const unsigned status : {0U, 200U, 302U, 399U, 600U}) {
        EXPECT_EQ(to_response(Error::service("Code", "text", status)).status, 500U) << status;
    }
}

}  // namespace
}  // namespace sma::server
