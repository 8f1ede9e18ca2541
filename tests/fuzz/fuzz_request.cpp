// SPDX-License-Identifier: Apache-2.0
// Bytes of a connection: heads found whole and piece by piece, parsed, admitted, interpreted.
#include "server/admission.hpp"
#include "server/query.hpp"
#include "server/request.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string>

namespace {

using namespace sma::server;

void require(bool holds) {
    if (!holds) std::abort();
}

bool within(std::string_view part, std::string_view whole) {
    if (part.empty()) return true;
    return !std::less<>{}(part.data(), whole.data()) &&
           !std::less<>{}(whole.data() + whole.size(), part.data() + part.size());
}

// Fields of that name, counted without any parser: lines of a well-formed head end with CR LF, and none is folded.
std::size_t count_fields(std::string_view head, std::string_view lower_name) {
    std::string lower(head);
    std::ranges::transform(lower, lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    const std::string wanted = "\n" + std::string(lower_name) + ":";
    std::size_t count = 0;
    for (std::size_t at = lower.find(wanted); at != std::string::npos; at = lower.find(wanted, at + 1))
        ++count;
    return count;
}

void check_accepted(std::string_view bytes, const RequestHead& head) {
    require(within(head.method, bytes) && within(head.target, bytes) && within(head.host, bytes));
    require(!head.method.empty() && !head.target.empty());
    require(head.target.size() <= kMaxTarget);
    require(std::ranges::all_of(head.target, [](char c) { return c > 0x20 && c < 0x7f && c != '#'; }));
    require(head.hosts == count_fields(bytes, "host"));
    require(count_fields(bytes, "transfer-encoding") == 0);
    require(count_fields(bytes, "content-length") <= 1);
    require(!(head.body && head.method == "GET"));
    require(bytes.find("\n ") == std::string_view::npos && bytes.find("\n\t") == std::string_view::npos);
    require(static_cast<std::size_t>(std::ranges::count(bytes, '\n')) <=
            kMaxFields + 2 + bytes.find_first_not_of("\r\n"));

    Target target;
    if (!split_target(head.target, target)) return;
    require(within(target.path, bytes) || target.path == "/");
    require(within(target.query, bytes) && within(target.authority, bytes));
    require(target.path.starts_with('/'));
    static const Admission admission({"agent.internal"});
    const Refusal refusal = admission.check(head, target);
    if (!refusal) {
        require(head.method == "GET");
        require(head.hosts == 1 || (head.hosts == 0 && head.http_1_0));
        require(target.path == "/ping" || (head.token && !head.forwarded));
        require(target.path == "/ping" || count_fields(bytes, "x-vault-token") + count_fields(bytes, "x-token") > 0);
    }
    Request request;
    interpret(target, "/v1/", request);
    require(request.route != Route::Secret || !request.complaint.empty() || !request.question.secret_id.empty());
}

// The head's length as a session finds it: `step` bytes more at each look.
std::size_t find_in_pieces(std::string_view bytes, std::size_t step) {
    std::size_t searched = 0;
    for (std::size_t have = std::min(step, bytes.size());; have = std::min(have + step, bytes.size())) {
        if (const std::size_t size = find_head(bytes.substr(0, have), searched); size != 0) return size;
        require(searched <= have);
        if (have == bytes.size()) return 0;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const TokenCheck token({"X-Vault-Token", "X-Token"}, sma::SecretBytes("t0ken"));
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    while (!rest.empty()) {
        std::size_t searched = 0;
        const std::size_t length = find_head(rest, searched);
        require(length <= rest.size());
        for (const std::size_t step : {1U, 2U, 3U, 7U, 61U})
            require(find_in_pieces(rest, step) == length);
        if (length == 0) break;
        const std::string_view bytes = rest.substr(0, length);
        RequestHead head;
        if (parse_head(bytes, token, head) != Malformed::No) break;  // a session ends here
        check_accepted(bytes, head);
        rest.remove_prefix(length);
    }
    // Whatever the bytes are: no head at all is parsed without a fault.
    RequestHead head;
    static_cast<void>(parse_head(std::string_view(reinterpret_cast<const char*>(data), size), token, head));
    return 0;
}
