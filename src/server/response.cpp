// SPDX-License-Identifier: Apache-2.0
#include "server/response.hpp"

#include <boost/json/serialize.hpp>

#include <charconv>
#include <cstring>

namespace sma::server {
namespace {

std::string_view status_line(unsigned status) noexcept {
    switch (status) {
    case 200:
        return " 200 OK\r\n";
    case 400:
        return " 400 Bad Request\r\n";
    case 403:
        return " 403 Forbidden\r\n";
    case 404:
        return " 404 Not Found\r\n";
    case 405:
        return " 405 Method Not Allowed\r\n";
    case 414:
        return " 414 URI Too Long\r\n";
    case 429:
        return " 429 Too Many Requests\r\n";
    case 431:
        return " 431 Request Header Fields Too Large\r\n";
    case 500:
        return " 500 Internal Server Error\r\n";
    case 502:
        return " 502 Bad Gateway\r\n";
    case 503:
        return " 503 Service Unavailable\r\n";
    case 504:
        return " 504 Gateway Timeout\r\n";
    default:
        return {};
    }
}

std::string_view cache_word(cache::Source source) noexcept {
    switch (source) {
    case cache::Source::Hit:
        return "hit";
    case cache::Source::Miss:
        return "miss";
    case cache::Source::Revalidated:
        return "revalidated";
    case cache::Source::Refreshed:
        return "refreshed";
    case cache::Source::Stale:
        return "stale";
    }
    return "hit";
}

// Appends to a fixed buffer that is known to be large enough for any head.
class Appender {
public:
    Appender(char* begin, char* end) : at_(begin), end_(end) {}
    void text(std::string_view bytes) noexcept {
        std::memcpy(at_, bytes.data(), bytes.size());
        at_ += bytes.size();
    }
    void number(std::uint64_t value) noexcept { at_ = std::to_chars(at_, end_, value).ptr; }
    [[nodiscard]] char* at() const noexcept { return at_; }

private:
    char* at_;
    char* end_;
};

}  // namespace

void HeadWriter::refresh_date() noexcept {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
    if (now.tv_sec == second_) return;
    second_ = now.tv_sec;
    std::tm utc{};
    ::gmtime_r(&second_, &utc);
    // The C locale is in force: this program never sets another.
    date_size_ = std::strftime(date_.data(), date_.size(), "date: %a, %d %b %Y %H:%M:%S GMT\r\n", &utc);
}

std::string_view HeadWriter::write(const Head& head) noexcept {
    refresh_date();
    Appender out(buffer_.data(), buffer_.data() + buffer_.size());
    out.text(head.http_1_0 ? "HTTP/1.0" : "HTTP/1.1");
    if (const std::string_view line = status_line(head.status); !line.empty()) {
        out.text(line);
    } else {
        out.text(" ");
        out.number(head.status);
        out.text(" Unknown\r\n");
    }
    if (head.close)
        out.text("connection: close\r\n");
    else if (head.http_1_0)
        out.text("connection: keep-alive\r\n");
    switch (head.type) {
    case ContentType::Text:
        out.text("content-type: text/plain; charset=utf-8\r\ncache-control: no-store\r\n");
        break;
    case ContentType::Json:
        out.text("content-type: application/json\r\ncache-control: no-store\r\n");
        break;
    case ContentType::None:
        break;
    }
    if (head.answer != nullptr) {
        out.text("age: ");
        out.number(static_cast<std::uint64_t>(head.answer->age.count()));
        out.text("\r\nx-cache: ");
        out.text(cache_word(head.answer->source));
        out.text("\r\n");
    }
    out.text("content-length: ");
    out.number(head.content_length);
    out.text("\r\n");
    out.text({date_.data(), date_size_});
    out.text("\r\n");
    return {buffer_.data(), out.at()};
}

std::string error_body(std::string_view code, std::string_view message) {
    if (message.empty() || code == "InternalFailure") return R"({"__type":"InternalFailure"})";
    const auto quoted = [](std::string_view text) {
        return boost::json::serialize(boost::json::string_view(text.data(), text.size()));
    };
    return R"({"__type":)" + quoted(code) + R"(,"message":)" + quoted(message) + "}";
}

ErrorResponse to_response(const Error& error) {
    const auto internal = [](unsigned status) { return ErrorResponse{status, error_body("InternalFailure", {})}; };
    switch (error.kind()) {
    case ErrorKind::Service:
        if (error.code().empty() || error.message().empty()) return internal(500);
        return {error.http_status() >= 400 && error.http_status() <= 599 ? error.http_status() : 500,
                error_body(error.code(), error.message())};
    case ErrorKind::Timeout:
        return {504, error_body("TimeoutError", "Timeout")};
    case ErrorKind::Connection:
        return {502, error_body("ConnectionError", "Read Error")};
    case ErrorKind::Truncated:
        return {502, error_body("ConnectionError", "Response Error")};
    case ErrorKind::Stopping:
        return internal(503);
    case ErrorKind::InvalidInput:
    case ErrorKind::System:
    case ErrorKind::NoCredentials:
    case ErrorKind::NoRegion:
    case ErrorKind::Closed:
    case ErrorKind::BadAnswer:
    case ErrorKind::Internal:
        return internal(500);
    }
    return internal(500);
}

}  // namespace sma::server
