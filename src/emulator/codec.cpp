// SPDX-License-Identifier: Apache-2.0
#include "emulator/codec.hpp"

#include "base/ascii.hpp"
#include "emulator/http.hpp"

#include <sodium/utils.h>

#include <algorithm>

namespace sma::emulator {

namespace {

int hex_digit(char c) noexcept {
    if (ascii::is_digit(c)) return c - '0';
    c = ascii::lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string form_decode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
        const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
        if (low >= 0) {
            out += static_cast<char>(high * 16 + low);
            i += 2;
        } else {
            out += text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

}  // namespace

std::string_view Request::header(std::string_view name) const noexcept {
    const auto found = std::ranges::find_if(
        headers, [&](const auto& header) { return ascii::equals_ignoring_case(header.first, name); });
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

bool Request::has_header(std::string_view name) const noexcept {
    return std::ranges::any_of(headers,
                               [&](const auto& header) { return ascii::equals_ignoring_case(header.first, name); });
}

SecretBytes base64_encode(std::string_view bytes) {
    const std::size_t size = sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL);
    SecretBytes out;
    const auto room = out.extend(size);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libsodium speaks unsigned char
    ::sodium_bin2base64(room.data(), room.size(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                        sodium_base64_VARIANT_ORIGINAL);
    out.truncate(size - 1);  // the terminating zero
    return out;
}

std::optional<SecretBytes> base64_decode(std::string_view text) {
    SecretBytes out;
    if (text.empty()) return out;
    const auto room = out.extend(text.size() / 4 * 3 + 3);
    std::size_t size = 0;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
    if (::sodium_base642bin(reinterpret_cast<unsigned char*>(room.data()), room.size(), text.data(), text.size(),
                            nullptr, &size, nullptr, sodium_base64_VARIANT_ORIGINAL) != 0) {
        return std::nullopt;
    }
    out.truncate(size);
    return out;
}

Form parse_form(std::string_view body) {
    Form form;
    while (!body.empty()) {
        const std::string_view pair = body.substr(0, body.find('&'));
        body.remove_prefix(std::min(body.size(), pair.size() + 1));
        if (pair.empty()) continue;
        const std::size_t equals = pair.find('=');
        const bool has_value = equals != std::string_view::npos;
        form.emplace_back(form_decode(pair.substr(0, equals)), has_value ? form_decode(pair.substr(equals + 1)) : "");
    }
    return form;
}

std::string xml_escape(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        default:
            out += static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' ? '?' : c;
        }
    }
    return out;
}

}  // namespace sma::emulator
