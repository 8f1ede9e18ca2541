// SPDX-License-Identifier: Apache-2.0
// Targets: taken apart, decoded, interpreted. What comes out is UTF-8, whatever went in.
#include "base/utf8.hpp"
#include "server/query.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace sma::server;

void require(bool holds) {
    if (!holds) std::abort();
}

// By decoding to code points, unlike the code under test, which goes by ranges of bytes.
bool is_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto first = static_cast<unsigned char>(text[i]);
        const std::size_t length = first < 0x80 ? 1 : first < 0xc0 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
        if (length == 0 || first > 0xf7 || i + length > text.size()) return false;
        std::uint32_t point = length == 1 ? first : first & (0x7fU >> length);
        for (std::size_t k = 1; k < length; ++k) {
            const auto next = static_cast<unsigned char>(text[i + k]);
            if ((next & 0xc0) != 0x80) return false;
            point = (point << 6) | (next & 0x3fU);
        }
        const std::uint32_t least = length == 1 ? 0 : length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000;
        if (point < least || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return false;
        i += length;
    }
    return true;
}

void check(const Request& request) {
    require(is_utf8(request.complaint));
    for (const std::string& text : request.decoded)
        require(is_utf8(text));
    if (request.route != Route::Secret || !request.complaint.empty()) return;
    require(!request.question.secret_id.empty() && is_utf8(request.question.secret_id));
    require(is_utf8(request.question.version_id.value_or("")) && is_utf8(request.question.version_stage.value_or("")));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (const bool plus_is_space : {false, true}) {
        const std::string out = decode(text, plus_is_space);
        require(is_utf8(out));
        require(sma::to_utf8(out) == out);
        require(!plus_is_space || text.find('%') != std::string_view::npos || out.find('+') == std::string::npos);
        if (is_utf8(text) && text.find_first_of("%+") == std::string_view::npos) require(out == text);
    }
    // Nothing that UTF-8 can say is lost, and every run that it cannot say is marked.
    const std::string whole = sma::to_utf8(std::string(text));
    require(is_utf8(whole));
    require((whole == text) == is_utf8(text));

    // A head lets visible ASCII through, and nothing else.
    if (!std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; })) return 0;
    Target target;
    if (split_target(text, target)) {
        Request request;
        interpret(target, "/v1/", request);
        check(request);
        Request bare;
        interpret(target, "/", bare);
        check(bare);
        require(bare.route != Route::None);
    }
    Request query_form;
    interpret({.path = "/secretsmanager/get", .query = text, .authority = {}}, "/v1/", query_form);
    check(query_form);
    Request path_form;
    interpret({.path = "/v1/id", .query = text, .authority = {}}, "/v1/", path_form);
    check(path_form);
    return 0;
}
