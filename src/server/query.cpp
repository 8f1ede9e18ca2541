// SPDX-License-Identifier: Apache-2.0
#include "server/query.hpp"

#include "base/ascii.hpp"
#include "base/utf8.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace sma::server {
namespace {

using ascii::equals_ignoring_case;

int hex(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// `^arn:[\w-]+:iam::\d{12}:role/[\w+=,.@/-]+$`, ASCII only.
bool is_role_arn(std::string_view text) noexcept {
    const auto is_word = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    };
    if (!text.starts_with("arn:")) return false;
    text.remove_prefix(4);
    const std::size_t partition = text.find(':');
    if (partition == 0 || partition == std::string_view::npos) return false;
    if (!std::ranges::all_of(text.substr(0, partition), is_word)) return false;
    text.remove_prefix(partition);
    constexpr std::string_view service = ":iam::";
    constexpr std::size_t digits = 12;
    constexpr std::string_view role = ":role/";
    if (!text.starts_with(service)) return false;
    text.remove_prefix(service.size());
    if (text.size() < digits ||
        !std::ranges::all_of(text.substr(0, digits), [](char c) { return c >= '0' && c <= '9'; })) {
        return false;
    }
    text.remove_prefix(digits);
    if (!text.starts_with(role)) return false;
    text.remove_prefix(role.size());
    return !text.empty() && std::ranges::all_of(text, [&is_word](char c) {
        return is_word(c) || std::string_view("+=,.@/").find(c) != std::string_view::npos;
    });
}

std::optional<bool> parse_bool(std::string_view text) noexcept {
    if (text == "1" || equals_ignoring_case(text, "true")) return true;
    if (text == "0" || equals_ignoring_case(text, "false")) return false;
    return std::nullopt;
}

class Interpreter {
public:
    explicit Interpreter(Request& out) : out_(out) {}

    void query_form(std::string_view query) {
        if (!parameters(query, true)) return;
        if (out_.question.secret_id.empty()) return complain("missing parameter secretId");
        role();
    }

    void path_form(std::string_view id, std::string_view query) {
        out_.question.secret_id = decoded(id, false);
        if (!parameters(query, false)) return;
        if (out_.question.secret_id.empty()) return complain("missing secret ID");
        role();
    }

private:
    std::string_view decoded(std::string_view raw, bool plus_is_space) {
        // Visible ASCII is all that reaches us raw, so what holds no escape is decoded already.
        if (raw.find('%') == std::string_view::npos && !(plus_is_space && raw.find('+') != std::string_view::npos)) {
            return raw;
        }
        return out_.decoded.emplace_front(decode(raw, plus_is_space));
    }

    // In query order: an unknown name and a bad refreshNow fail as they are met; otherwise the last value wins.
    bool parameters(std::string_view query, bool with_id) {
        while (!query.empty()) {
            const std::string_view pair = query.substr(0, query.find('&'));
            query.remove_prefix(std::min(pair.size() + 1, query.size()));
            if (pair.empty()) continue;
            const std::size_t equals = pair.find('=');
            const std::string_view name = decoded(pair.substr(0, equals), true);
            const std::string_view value =
                equals == std::string_view::npos ? std::string_view() : decoded(pair.substr(equals + 1), true);
            if (with_id && name == "secretId")
                out_.question.secret_id = value;
            else if (name == "versionId")
                out_.question.version_id = value;
            else if (name == "versionStage")
                out_.question.version_stage = value;
            else if (name == "roleArn")
                role_ = value;
            else if (name == "refreshNow") {
                const std::optional<bool> now = parse_bool(value);
                if (!now) return complain("invalid refreshNow value"), false;
                out_.question.refresh_now = *now;
            } else
                return complain(std::string(kUnknownParameter) + ": " + std::string(name)), false;
        }
        return true;
    }

    void role() {
        if (!role_) return;
        if (!is_role_arn(*role_)) {
            return complain("invalid roleArn format, expected arn:<partition>:iam::<account>:role/<name>");
        }
        out_.role = true;
    }

    void complain(std::string text) { out_.complaint = std::move(text); }

    Request& out_;
    std::optional<std::string_view> role_;
};

}  // namespace

std::string decode(std::string_view text, bool plus_is_space) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0) {
            out += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
            i += 2;
        } else {
            out += c == '+' && plus_is_space ? ' ' : c;
        }
    }
    return to_utf8(std::move(out));
}

void interpret(const Target& target, std::string_view path_prefix, Request& out) {
    if (target.path == "/ping") {
        out.route = Route::Ping;
    } else if (target.path == "/secretsmanager/get") {
        out.route = Route::Secret;
        Interpreter(out).query_form(target.query);
    } else if (target.path.starts_with(path_prefix)) {
        out.route = Route::Secret;
        Interpreter(out).path_form(target.path.substr(path_prefix.size()), target.query);
    }
}

}  // namespace sma::server
