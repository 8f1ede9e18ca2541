// SPDX-License-Identifier: Apache-2.0
// Response heads, and what an error looks like on the wire. One HeadWriter a worker; the rest is pure.
#pragma once

#include "base/error.hpp"
#include "secrets/service.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

namespace sma::server {

enum class ContentType : std::uint8_t { None, Text, Json };

/// What a head says. All names are lower case, as the reference's.
struct Head {
    unsigned status = 200;
    ContentType type = ContentType::None;
    std::size_t content_length = 0;
    bool http_1_0 = false;
    bool close = false;
    const secrets::Answer* answer = nullptr;  ///< adds age and x-cache
};

/// Formats heads into a buffer of its own; the Date line is made once a second.
class HeadWriter {
public:
    /// Valid until the next call.
    [[nodiscard]] std::string_view write(const Head& head) noexcept;

private:
    void refresh_date() noexcept;

    std::array<char, 512> buffer_{};
    std::time_t second_ = -1;
    std::array<char, 40> date_{};  // "date: Tue, 24 Nov 2026 06:00:00 GMT\r\n"
    std::size_t date_size_ = 0;
};

struct ErrorResponse {
    unsigned status;
    std::string body;  ///< JSON
};

/// The one table from error kinds to what a client sees (the reference's v3 form).
[[nodiscard]] ErrorResponse to_response(const Error& error);

/// `{"__type":CODE,"message":TEXT}`, escaped.
[[nodiscard]] std::string error_body(std::string_view code, std::string_view message);

}  // namespace sma::server
