// SPDX-License-Identifier: Apache-2.0
// The token that a request must carry (protection against server-side request forgery).
#pragma once

#include "base/result.hpp"
#include "base/secret_bytes.hpp"
#include "io/file_watch.hpp"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sma::server {

/// Compares a field with the token, in constant time. Immutable; any thread.
class TokenCheck {
public:
    TokenCheck(std::vector<std::string> headers, SecretBytes token)
        : headers_(std::move(headers)), token_(std::move(token)) {}

    /// True if `name` is one of the configured fields (in any letter case) and `value` is the token.
    [[nodiscard]] bool match(std::string_view name, std::string_view value) const noexcept;

private:
    std::vector<std::string> headers_;
    SecretBytes token_;
};

/// Where the token comes from: the first of the configured variables that is set, its value or the file it names.
class TokenSource {
public:
    using Environment = std::function<std::optional<std::string>(std::string_view)>;

    /// Reads the token. Fails, in the reference's words, when no variable is set, when the file cannot be read, and
    /// when the token is empty. Blocking.
    [[nodiscard]] static Result<std::unique_ptr<TokenSource>>
    create(std::vector<std::string> headers, const std::vector<std::string>& variables, const Environment& environment);

    /// The check to apply now. Any thread.
    [[nodiscard]] std::shared_ptr<const TokenCheck> current() const {
        const std::scoped_lock lock(mutex_);
        return current_;
    }
    /// Grows with every new token, so that a worker can keep the check without taking the lock for each request.
    [[nodiscard]] std::uint64_t version() const noexcept { return version_.load(std::memory_order_acquire); }

    /// From now on re-reads the token file whenever it changes, on `executor`'s loop. A file that has become empty or
    /// unreadable changes nothing but a line in the log: the token read last stays valid.
    void watch(io::Executor executor);
    /// Ends that, on the loop's thread.
    void unwatch() { watch_.reset(); }

    /// The variable that won, and the file if it named one: for the log.
    [[nodiscard]] const std::string& variable() const noexcept { return variable_; }
    [[nodiscard]] const std::optional<std::filesystem::path>& file() const noexcept { return file_; }

private:
    TokenSource() = default;
    void reload();
    void set(SecretBytes token);

    std::vector<std::string> headers_;
    std::string variable_;
    std::optional<std::filesystem::path> file_;
    mutable std::mutex mutex_;
    std::shared_ptr<const TokenCheck> current_;
    std::atomic<std::uint64_t> version_{0};
    std::unique_ptr<io::FileWatch> watch_;
};

}  // namespace sma::server
