// SPDX-License-Identifier: Apache-2.0
#include "aws/sigv4.hpp"

#include "aws/time_text.hpp"
#include "base/ascii.hpp"
#include "base/secret_memory.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <ctime>
#include <map>

namespace sma::aws::sigv4 {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::size_t kDigest = 32;
constexpr std::size_t kAuthorizationLimit = 4096;
constexpr std::size_t kSignedHeadersLimit = 64;

using Digest = std::array<unsigned char, kDigest>;

Digest sha256(std::string_view bytes) {
    Digest digest{};
    ::EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, ::EVP_sha256(), nullptr);
    return digest;
}

std::string hex(const Digest& digest) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(digest.size() * 2);
    for (const unsigned char byte : digest) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

// A key of the HMAC chain, wiped when it goes.
struct Key {
    Digest bytes{};
    Key() = default;
    Key(const Key&) = delete;
    Key& operator=(const Key&) = delete;
    ~Key() { secret_memory::wipe(bytes.data(), bytes.size()); }
    [[nodiscard]] std::string_view view() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
};

void hmac(std::string_view key, std::string_view data, Digest& out) {
    unsigned int size = kDigest;
    ::HMAC(::EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(data.data()), data.size(), out.data(), &size);
}

void append_encoded(SecretBytes& out, std::string_view text, bool keep_slash) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    for (const char c : text) {
        const bool plain =
            ascii::is_alnum(c) || c == '-' || c == '_' || c == '.' || c == '~' || (keep_slash && c == '/');
        if (plain) {
            out.push_back(c);
        } else {
            const auto byte = static_cast<unsigned char>(c);
            const std::array<char, 3> escape{'%', digits[byte >> 4], digits[byte & 15]};
            out.append({escape.data(), escape.size()});
        }
    }
}

// RFC 3986 dot segments away, and repeated slashes.
std::string normalised(std::string_view path) {
    std::vector<std::string_view> segments;
    for (std::size_t at = 0; at <= path.size();) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        const std::string_view segment = path.substr(at, end - at);
        if (segment == "..") {
            if (!segments.empty()) segments.pop_back();
        } else if (!segment.empty() && segment != ".") {
            segments.push_back(segment);
        }
        at = end + 1;
    }
    std::string out;
    for (const std::string_view segment : segments)
        out.append("/").append(segment);
    const bool directory = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
    if (out.empty() || directory) out += '/';
    return out;
}

int hex_value(char c) {
    if (ascii::is_digit(c)) return c - '0';
    const char letter = ascii::lower(c);
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

// Percent escapes decoded; a stray % stays as it is.
std::string decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) {
            out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

std::string encoded(std::string_view text) {
    SecretBytes out;
    append_encoded(out, text, false);
    return std::string(out.reveal());
}

// Each name and value encoded once, whatever they were on the wire; sorted by name, then by value.
void append_query(SecretBytes& out, std::string_view query) {
    std::vector<std::pair<std::string, std::string>> parameters;
    for (std::size_t at = 0; at < query.size();) {
        const std::size_t end = std::min(query.find('&', at), query.size());
        const std::string_view parameter = query.substr(at, end - at);
        const std::size_t equals = std::min(parameter.find('='), parameter.size());
        if (!parameter.empty()) {
            parameters.emplace_back(encoded(decoded(parameter.substr(0, equals))),
                                    encoded(decoded(parameter.substr(std::min(equals + 1, parameter.size())))));
        }
        at = end + 1;
    }
    std::ranges::sort(parameters);
    bool first = true;
    for (const auto& [name, value] : parameters) {
        if (!first) out.push_back('&');
        first = false;
        out.append(name);
        out.push_back('=');
        out.append(value);
    }
}

// Trimmed, and every run of blanks one space.
void append_value(SecretBytes& out, std::string_view value) {
    bool blank = false;
    for (const char c : ascii::trimmed(value)) {
        if (ascii::is_space(c)) {
            blank = true;
            continue;
        }
        if (blank) out.push_back(' ');
        blank = false;
        out.push_back(c);
    }
}

// By lower-case name; those of one name in their order.
using Sorted = std::map<std::string, std::vector<std::string_view>>;

Sorted sorted(const Headers& headers) {
    Sorted by_name;
    for (const auto& [name, value] : headers)
        by_name[ascii::lowered(ascii::trimmed(name))].push_back(value);
    return by_name;
}

// In secret memory, since a header may be a session token.
SecretBytes canonical(const Request& request) {
    SecretBytes out;
    out.reserve(1024);
    out.append(request.method);
    out.push_back('\n');
    append_encoded(out, normalised(request.path), true);
    out.push_back('\n');
    append_query(out, request.query);
    out.push_back('\n');
    for (const auto& [name, values] : sorted(request.headers)) {
        out.append(name);
        out.push_back(':');
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (i != 0) out.push_back(',');
            append_value(out, values[i]);
        }
        out.push_back('\n');
    }
    out.push_back('\n');
    out.append(signed_header_names(request.headers));
    out.push_back('\n');
    out.append(sha256_hex(request.body));
    return out;
}

// "NAME=" at the start of `text`, and what follows up to a comma, eaten.
std::optional<std::string_view> parameter(std::string_view& text, std::string_view name) {
    text = ascii::trimmed(text);
    if (!text.starts_with(name)) return std::nullopt;
    text.remove_prefix(name.size());
    const std::size_t end = std::min(text.find(','), text.size());
    const std::string_view value = ascii::trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    return value;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find(separator, at), text.size());
        parts.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return parts;
}

bool is_date(std::string_view text) {
    return text.size() == 8 && std::ranges::all_of(text, ascii::is_digit);
}

bool is_header_name(std::string_view text) {
    static constexpr std::string_view others = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::ranges::all_of(text, [](char c) { return ascii::is_alnum(c) || others.contains(c); });
}

bool is_visible(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace

std::string Scope::text() const {
    return date + "/" + region + "/" + service + "/aws4_request";
}

std::string sha256_hex(std::string_view bytes) {
    return hex(sha256(bytes));
}

std::string amz_date(WallTime time) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(time));
    std::tm utc{};
    ::gmtime_r(&seconds, &utc);
    std::array<char, 32> text{};
    const std::size_t size = std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%SZ", &utc);
    return {text.data(), size};
}

Result<WallTime> parse_amz_date(std::string_view text) {
    std::optional<WallTime> time;
    if (text.size() == 16 && text[8] == 'T' && text[15] == 'Z') {
        const std::string iso = std::string(text.substr(0, 4)) + "-" + std::string(text.substr(4, 2)) + "-" +
                                std::string(text.substr(6, 5)) + ":" + std::string(text.substr(11, 2)) + ":" +
                                std::string(text.substr(13));
        time = parse_iso8601(iso);
    }
    if (!time) return fail(ErrorKind::InvalidInput, "not a date of the form YYYYMMDDTHHMMSSZ");
    return *time;
}

std::string canonical_request(const Request& request) {
    return std::string(canonical(request).reveal());
}

std::string signed_header_names(const Headers& headers) {
    std::string names;
    for (const auto& [name, values] : sorted(headers))
        names.append(names.empty() ? "" : ";").append(name);
    return names;
}

std::string string_to_sign(std::string_view amz_date, const Scope& scope, std::string_view canonical_request) {
    std::string text(kAlgorithm);
    text.append("\n").append(amz_date).append("\n").append(scope.text()).append("\n");
    return text.append(sha256_hex(canonical_request));
}

std::string signature(const SecretBytes& secret_access_key, const Scope& scope, std::string_view string_to_sign) {
    SecretBytes start("AWS4");
    start.append(secret_access_key.reveal());
    Key date;
    Key region;
    Key service;
    Key key;
    Digest result{};
    hmac(start.reveal(), scope.date, date.bytes);
    hmac(date.view(), scope.region, region.bytes);
    hmac(region.view(), scope.service, service.bytes);
    hmac(service.view(), "aws4_request", key.bytes);
    hmac(key.view(), string_to_sign, result);
    return hex(result);
}

std::string authorization(const Request& request, std::string_view access_key_id, const SecretBytes& secret_access_key,
                          const Scope& scope, std::string_view amz_date) {
    const SecretBytes canonical_text = canonical(request);
    std::string text(kAlgorithm);
    text.append(" Credential=").append(access_key_id).append("/").append(scope.text());
    text.append(", SignedHeaders=").append(signed_header_names(request.headers));
    text.append(", Signature=");
    return text.append(signature(secret_access_key, scope, string_to_sign(amz_date, scope, canonical_text.reveal())));
}

Result<Authorization> parse_authorization(std::string_view value) {
    const auto malformed = [](const char* what) {
        return fail(ErrorKind::InvalidInput, std::string("Authorization header: ") + what);
    };
    if (value.size() > kAuthorizationLimit) return malformed("too long");
    if (!value.starts_with(kAlgorithm) || value.substr(kAlgorithm.size()).find_first_not_of(" \t") == 0) {
        return malformed("not AWS4-HMAC-SHA256");
    }
    std::string_view rest = value.substr(kAlgorithm.size());
    std::optional<std::string_view> credential;
    std::optional<std::string_view> names;
    std::optional<std::string_view> signature;
    while (!ascii::trimmed(rest).empty()) {
        bool known = false;
        const auto take = [&](std::optional<std::string_view>& into, std::string_view name) {
            if (known || into) return;
            into = parameter(rest, name);
            known = into.has_value();
        };
        take(credential, "Credential=");
        take(names, "SignedHeaders=");
        take(signature, "Signature=");
        if (!known) return malformed("an unknown or repeated part");
    }
    if (!credential || !names || !signature) return malformed("Credential, SignedHeaders or Signature is missing");

    Authorization out;
    const std::vector<std::string_view> parts = split(*credential, '/');
    if (parts.size() != 5 || parts[4] != "aws4_request" || !is_date(parts[1]) || !is_visible(*credential) ||
        parts[0].empty() || parts[2].empty() || parts[3].empty()) {
        return malformed("Credential is not KEY/YYYYMMDD/REGION/SERVICE/aws4_request");
    }
    out.access_key_id = parts[0];
    out.scope = {std::string(parts[1]), std::string(parts[2]), std::string(parts[3])};
    for (const std::string_view name : split(*names, ';')) {
        if (!is_header_name(name)) return malformed("SignedHeaders holds no header name");
        out.signed_headers.push_back(ascii::lowered(name));
    }
    if (out.signed_headers.size() > kSignedHeadersLimit) return malformed("too many SignedHeaders");
    const bool is_digest = signature->size() == 2 * kDigest && std::ranges::all_of(*signature, [](char c) {
                               return hex_value(c) >= 0 && ascii::lower(c) == c;
                           });
    if (!is_digest) return malformed("Signature is not 64 lower-case hexadecimal digits");
    out.signature = *signature;
    return out;
}

}  // namespace sma::aws::sigv4
