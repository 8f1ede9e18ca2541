// SPDX-License-Identifier: Apache-2.0
#include "server/token.hpp"

#include "base/ascii.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "base/utf8.hpp"

#include <algorithm>

namespace sma::server {
namespace {

constexpr std::string_view kFilePrefix = "file://";
constexpr std::size_t kTokenFileLimit = 64 * 1024;

// The reference's quoting of the list: ["A", "B"].
std::string quoted(const std::vector<std::string>& names) {
    std::string text = "[";
    for (const std::string& name : names)
        text += (text.size() > 1 ? ", \"" : "\"") + name + "\"";
    return text + "]";
}

// Why no request could ever carry this token, or nothing: field values hold no control bytes, and arrive trimmed.
std::string_view why_unusable(std::string_view token) {
    if (ascii::trimmed(token).empty()) return "is empty; set it to a token";
    if (ascii::trimmed(token) != token) return "has spaces around its value, which no request can match";
    const auto control = [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; };
    if (std::ranges::any_of(token, control))
        return "has a line break or control character in it, which no request can match";
    return {};
}

Result<SecretBytes> read_token_file(const std::filesystem::path& file) {
    const auto bytes = try_read_secret_file(file, kTokenFileLimit);
    if (!bytes) return fail(ErrorKind::System, bytes.error());
    SecretBytes token(ascii::trimmed(bytes->reveal()));
    if (token.empty()) return fail(ErrorKind::InvalidInput, "the file " + file.string() + " holds no token");
    if (const std::string_view why = why_unusable(token.reveal()); !why.empty()) {
        return fail(ErrorKind::InvalidInput, "the token in " + file.string() + " " + std::string(why));
    }
    return token;
}

}  // namespace

bool TokenCheck::match(std::string_view name, std::string_view value) const noexcept {
    for (const std::string& header : headers_) {
        if (ascii::equals_ignoring_case(header, name) && token_.equals(value)) return true;
    }
    return false;
}

Result<std::unique_ptr<TokenSource>> TokenSource::create(std::vector<std::string> headers,
                                                         const std::vector<std::string>& variables,
                                                         const Environment& environment) {
    const std::string context = "Could not read SSRF token variable(s) " + quoted(variables);
    std::unique_ptr<TokenSource> source(new TokenSource());
    source->headers_ = std::move(headers);
    std::optional<std::string> value;
    for (const std::string& variable : variables) {
        value = environment(variable);
        if (value && to_utf8(*value) != *value) value.reset();  // as the reference: not UTF-8 is not set
        if (!value) continue;
        source->variable_ = variable;
        break;
    }
    if (!value) return fail(ErrorKind::InvalidInput, context + ": environment variable not found");

    SecretBytes token;
    if (value->starts_with(kFilePrefix)) {
        source->file_ = value->substr(kFilePrefix.size());
        Result<SecretBytes> read = read_token_file(*source->file_);
        if (!read) return fail(std::move(read.error()).with_context(context));
        token = std::move(*read);
    } else {
        token = SecretBytes(*value);
        secret_memory::wipe(value->data(), value->size());
        if (const std::string_view why = why_unusable(token.reveal()); !why.empty()) {
            return fail(ErrorKind::InvalidInput, context + ": " + source->variable_ + " " + std::string(why));
        }
    }
    source->set(std::move(token));
    return source;
}

void TokenSource::set(SecretBytes token) {
    const std::scoped_lock lock(mutex_);
    current_ = std::make_shared<const TokenCheck>(headers_, std::move(token));
    version_.fetch_add(1, std::memory_order_release);
}

void TokenSource::watch(io::Executor executor) {
    // A pipe was read to its end, once and for all.
    std::error_code ignored;
    if (!file_ || !std::filesystem::is_regular_file(*file_, ignored)) return;
    watch_ = std::make_unique<io::FileWatch>(executor, *file_, [this] { reload(); });
    reload();  // what changed before the watch was set up
}

void TokenSource::reload() {
    Result<SecretBytes> token = read_token_file(*file_);
    if (!token) {
        return log::error("server", "Cannot re-read the SSRF token, the old one stays valid: {}",
                          token.error().message());
    }
    set(std::move(*token));
    log::info("server", "SSRF token read from {}", file_->string());
}

}  // namespace sma::server
