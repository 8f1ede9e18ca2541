// SPDX-License-Identifier: Apache-2.0
#include "server/admission.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <array>

namespace sma::server {
namespace {

using ascii::equals_ignoring_case;

constexpr std::array<std::string_view, 3> kLoopback = {"localhost", "127.0.0.1", "[::1]"};
constexpr std::string_view kScheme = "http://";

// "host:port" without its port; as it is when what follows the colon is no port.
std::string_view without_port(std::string_view host) noexcept {
    const std::size_t colon = host.rfind(':');
    if (colon == std::string_view::npos) return host;
    const std::string_view port = host.substr(colon + 1);
    const bool digits = std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; });
    return digits && port.size() <= 5 && !host.substr(0, colon).ends_with(':') ? host.substr(0, colon) : host;
}

}  // namespace

bool split_target(std::string_view target, Target& out) noexcept {
    if (target.size() > kScheme.size() && equals_ignoring_case(target.substr(0, kScheme.size()), kScheme)) {
        target.remove_prefix(kScheme.size());
        out.authority = target.substr(0, target.find_first_of("/?"));
        target.remove_prefix(out.authority.size());
        if (out.authority.empty()) return false;
        if (target.empty() || target.front() == '?') out.path = "/";
    } else if (!target.starts_with('/')) {
        return false;
    }
    const std::size_t question = target.find('?');
    if (out.path.empty()) out.path = target.substr(0, question);
    if (question != std::string_view::npos) out.query = target.substr(question + 1);
    return true;
}

bool Admission::allowed(std::string_view host) const noexcept {
    const std::string_view name = without_port(host);
    const auto is_name = [name](std::string_view known) { return equals_ignoring_case(name, known); };
    return std::ranges::any_of(kLoopback, is_name) || std::ranges::any_of(allowed_hosts_, is_name);
}

Refusal Admission::check(const RequestHead& head, const Target& target) const noexcept {
    // HTTP/1.0 has no Host; a browser that was lured here (DNS rebinding) speaks 1.1.
    const bool host_missing = head.hosts == 0 && !head.http_1_0;
    if (host_missing || head.hosts > 1) {
        return {400, "Bad Host", "Rejecting request without exactly one Host header"};
    }
    if ((head.hosts == 1 && !allowed(head.host)) || (!target.authority.empty() && !allowed(target.authority))) {
        return {403, "Bad Host", "Rejecting request with a Host that is not allowed"};
    }
    if (target.path != "/ping") {
        if (head.forwarded) return {400, "Forwarded", "Rejecting request with X-Forwarded-For header"};
        if (!head.token) return {403, "Bad Token", "Rejecting request with incorrect SSRF token"};
    }
    if (head.method != "GET") return {405, "Not allowed", "Rejecting request with a method other than GET"};
    return {};
}

}  // namespace sma::server
