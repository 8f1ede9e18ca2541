// SPDX-License-Identifier: Apache-2.0
// Who may ask: the checks that a request passes before anything looks at what it asks for. Pure, any thread.
#pragma once

#include "server/request.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sma::server {

/// A request's target, taken apart.
struct Target {
    std::string_view path;       ///< as sent
    std::string_view query;      ///< as sent, without '?'
    std::string_view authority;  ///< of the absolute form (http://authority/path), else empty
};

/// False when it is neither "/..." nor "http://...".
[[nodiscard]] bool split_target(std::string_view target, Target& out) noexcept;

/// A refusal: status, plain text body, and the line for the log.
struct Refusal {
    unsigned status = 0;  ///< 0: none, the request is admitted
    std::string_view body;
    std::string_view reason;
    [[nodiscard]] explicit operator bool() const noexcept { return status != 0; }
};

class Admission {
public:
    /// `allowed_hosts`: names accepted in Host besides localhost, 127.0.0.1 and [::1].
    explicit Admission(std::vector<std::string> allowed_hosts) : allowed_hosts_(std::move(allowed_hosts)) {}

    /// In the reference's order: (host,) forwarded, token, method. "/ping" needs no token and may be forwarded.
    [[nodiscard]] Refusal check(const RequestHead& head, const Target& target) const noexcept;

private:
    [[nodiscard]] bool allowed(std::string_view host) const noexcept;
    std::vector<std::string> allowed_hosts_;
};

}  // namespace sma::server
