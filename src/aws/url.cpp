// SPDX-License-Identifier: Apache-2.0
#include "aws/url.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <charconv>

#include <arpa/inet.h>

namespace sma::aws {
namespace {

bool is_ipv6(const std::string& host) {
    in6_addr address{};
    return ::inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

bool is_host_name(std::string_view host) {
    return !host.empty() && host.size() <= 253 &&
           std::ranges::all_of(host, [](char c) { return ascii::is_alnum(c) || c == '-' || c == '.' || c == '_'; });
}

// Printable ASCII that needs no encoding decision of ours: anything else must arrive percent-encoded.
bool is_target_text(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f && c != '#' && c != '"' && c != '\\'; });
}

Error invalid(std::string_view what) {
    return Error(ErrorKind::InvalidInput, "not a usable URL: " + std::string(what))
        .with_hint("the form is http://HOST[:PORT][/PATH] or https://HOST[:PORT][/PATH]");
}

std::string bracketed(const std::string& host) {
    return host.contains(':') ? "[" + host + "]" : host;
}

}  // namespace

std::string Url::authority() const {
    return port == (https ? 443 : 80) ? bracketed(host) : host_and_port();
}
std::string Url::host_and_port() const {
    return bracketed(host) + ":" + std::to_string(port);
}
std::string Url::target() const {
    return query.empty() ? path : path + "?" + query;
}
std::string Url::text() const {
    return std::string(scheme()) + "://" + authority() + (target() == "/" ? "" : target());
}

bool Url::is_loopback() const {
    in_addr v4{};
    if (::inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
    return host == "localhost" || host == "::1";
}

Result<Url> parse_url(std::string_view text) {
    Url url;
    const std::size_t colon = text.find("://");
    if (colon == std::string_view::npos) return fail(invalid("it has no scheme"));
    const std::string scheme = ascii::lowered(text.substr(0, colon));
    if (scheme != "http" && scheme != "https") return fail(invalid("its scheme is neither http nor https"));
    url.https = scheme == "https";
    text.remove_prefix(colon + 3);

    std::string_view authority = text.substr(0, text.find_first_of("/?#"));
    text.remove_prefix(authority.size());
    if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
        url.user_info = authority.substr(0, at);
        authority.remove_prefix(at + 1);
        if (!is_target_text(url.user_info)) return fail(invalid("its user name or password is not percent-encoded"));
    }
    std::string_view port;
    if (authority.starts_with('[')) {
        const std::size_t end = authority.find(']');
        if (end == std::string_view::npos) return fail(invalid("its address has no closing bracket"));
        url.host = ascii::lowered(authority.substr(1, end - 1));
        if (!is_ipv6(url.host)) return fail(invalid("what stands in brackets is no IPv6 address"));
        port = authority.substr(end + 1);
    } else {
        url.host = ascii::lowered(authority.substr(0, authority.find(':')));
        if (!is_host_name(url.host)) return fail(invalid("it has no valid host name"));
        port = authority.substr(url.host.size());
    }
    url.port = url.https ? 443 : 80;
    if (!port.empty()) {
        if (port.front() != ':') return fail(invalid("what follows its host is no port"));
        port.remove_prefix(1);
        const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), url.port);
        if (!port.empty() && (error != std::errc{} || end != port.data() + port.size() || url.port == 0)) {
            return fail(invalid("its port is not a number from 1 to 65535"));
        }
    }
    if (text.contains('#')) return fail(invalid("it has a fragment"));
    if (!is_target_text(text)) return fail(invalid("its path has characters that must be percent-encoded"));
    const std::size_t question = text.find('?');
    if (question != std::string_view::npos) url.query = text.substr(question + 1);
    url.path = text.substr(0, question);
    if (url.path.empty()) url.path = "/";
    return url;
}

}  // namespace sma::aws
