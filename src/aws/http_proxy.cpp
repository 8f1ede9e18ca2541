// SPDX-License-Identifier: Apache-2.0
#include "aws/http_proxy.hpp"

#include "base/ascii.hpp"

#include <openssl/evp.h>

#include <charconv>

namespace sma::aws {
namespace {

std::optional<std::string> variable(const Environment& environment, const std::string& upper) {
    std::optional<std::string> value = environment(ascii::lowered(upper));
    if (!value) value = environment(upper);
    if (value && value->empty()) value.reset();
    return value;
}

Result<std::optional<Url>> proxy(const Environment& environment, const std::string& name) {
    std::optional<std::string> text = variable(environment, name);
    if (!text) return std::nullopt;
    if (!text->contains("://")) text->insert(0, "http://");
    Result<Url> url = parse_url(*text);
    if (!url) return fail(std::move(url.error()).with_context(name));
    if (url->https) {
        return fail(
            Error(ErrorKind::InvalidInput, name + ": TLS towards the proxy itself is not supported")
                .with_hint("use an http:// proxy URL; the connection through it to AWS is encrypted all the same"));
    }
    return std::optional(std::move(*url));
}

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned byte = 0;
        if (text[i] == '%' && i + 2 < text.size() &&
            std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16).ptr == text.data() + i + 3) {
            out += static_cast<char>(byte);
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

}  // namespace

Result<ProxySettings> ProxySettings::from(const Environment& environment) {
    ProxySettings settings;
    Result<std::optional<Url>> https = proxy(environment, "HTTPS_PROXY");
    if (!https) return fail(std::move(https.error()));
    Result<std::optional<Url>> http = proxy(environment, "HTTP_PROXY");
    if (!http) return fail(std::move(http.error()));
    settings.for_https_ = std::move(*https);
    settings.for_http_ = std::move(*http);
    const std::string list = ascii::lowered(variable(environment, "NO_PROXY").value_or(""));
    for (std::size_t at = 0; at < list.size();) {
        const std::size_t end = std::min(list.find(',', at), list.size());
        std::string_view entry = ascii::trimmed(std::string_view(list).substr(at, end - at));
        if (entry.starts_with('.')) entry.remove_prefix(1);
        if (!entry.empty()) settings.exempt_.emplace_back(entry);
        at = end + 1;
    }
    return settings;
}

const Url* ProxySettings::select(const Url& url) const {
    const std::optional<Url>& chosen = url.https ? for_https_ : for_http_;
    if (!chosen || url.is_loopback() || is_exempt(url)) return nullptr;
    return &*chosen;
}

bool ProxySettings::is_exempt(const Url& url) const {
    const std::string with_port = url.host_and_port();
    for (const std::string& entry : exempt_) {
        if (entry == "*") return true;
        for (const std::string_view name : {std::string_view(url.host), std::string_view(with_port)}) {
            if (!name.ends_with(entry)) continue;
            const std::size_t before = name.size() - entry.size();
            if (before == 0 || name[before - 1] == '.') return true;
        }
    }
    return false;
}

SecretBytes proxy_authorization(const Url& proxy) {
    if (proxy.user_info.empty()) return {};
    const std::size_t colon = std::min(proxy.user_info.find(':'), proxy.user_info.size());
    SecretBytes plain(percent_decoded(std::string_view(proxy.user_info).substr(0, colon)));
    plain.push_back(':');
    plain.append(
        percent_decoded(std::string_view(proxy.user_info).substr(std::min(colon + 1, proxy.user_info.size()))));
    SecretBytes value("Basic ");
    const std::size_t before = value.size();
    const std::size_t encoded = 4 * ((plain.size() + 2) / 3);
    const std::span<char> out = value.extend(encoded + 1);  // OpenSSL ends it with a zero byte
    ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<const unsigned char*>(plain.reveal().data()), static_cast<int>(plain.size()));
    value.truncate(before + encoded);
    return value;
}

}  // namespace sma::aws
