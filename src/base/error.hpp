// SPDX-License-Identifier: Apache-2.0
// Expected failures as values: what kind, what the service called it, and a sentence for a person.
//
// An Error never contains a secret, a token or a credential: whoever builds one vouches for that. Values are immutable
// after construction and may cross threads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace sma {

/// What went wrong, as far as a caller has to branch on it. The tables that map a kind to an HTTP status, to a retry
/// and to an exit code live in server/, aws/ and cli/.
enum class ErrorKind : std::uint8_t {
    InvalidInput,   ///< something a person wrote: an option, a file, a parameter
    System,         ///< the operating system refused: file, socket, memory
    NoCredentials,  ///< no credential provider yields usable credentials
    NoRegion,       ///< no region is configured anywhere
    Timeout,        ///< connecting, or waiting for an answer, took too long
    Connection,     ///< no connection: name look-up, refused, reset, TLS
    Truncated,      ///< the connection broke while the answer was being read
    Closed,         ///< the peer closed before it answered
    BadAnswer,      ///< an answer came that cannot be understood
    Service,        ///< AWS answered with an error: code() and http_status() are its own
    Stopping,       ///< the process is about to leave
    Internal,       ///< a bug
};

/// Name of a kind for logs and tests, such as "Timeout".
[[nodiscard]] std::string_view to_string(ErrorKind kind) noexcept;

class Error {
public:
    Error(ErrorKind kind, std::string message) : kind_(kind), message_(std::move(message)) {}

    /// An error answer of AWS: its code (such as "ResourceNotFoundException"), its text, its HTTP status.
    [[nodiscard]] static Error service(std::string code, std::string message, unsigned http_status) {
        Error error(ErrorKind::Service, std::move(message));
        error.code_ = std::move(code);
        error.http_status_ = http_status;
        return error;
    }

    /// The same error with a sentence that says what to do about it.
    [[nodiscard]] Error with_hint(std::string hint) && {
        hint_ = std::move(hint);
        return std::move(*this);
    }

    /// The same error with `context` and ": " before its message.
    [[nodiscard]] Error with_context(std::string_view context) && {
        message_ = std::string(context) + ": " + message_;
        return std::move(*this);
    }

    [[nodiscard]] ErrorKind kind() const noexcept { return kind_; }
    [[nodiscard]] const std::string& message() const noexcept { return message_; }
    /// What to do about it, or empty.
    [[nodiscard]] const std::string& hint() const noexcept { return hint_; }
    /// The service's own error code; empty unless kind() is Service.
    [[nodiscard]] const std::string& code() const noexcept { return code_; }
    /// The service's HTTP status; 0 unless kind() is Service.
    [[nodiscard]] unsigned http_status() const noexcept { return http_status_; }

    /// One line for a log or a terminal: code or kind, message and hint.
    [[nodiscard]] std::string describe() const;

private:
    ErrorKind kind_;
    unsigned http_status_ = 0;
    std::string message_;
    std::string hint_;
    std::string code_;
};

/// Text of an operating system error, such as "Permission denied (os error 13)": the reference's spelling.
[[nodiscard]] std::string os_error_text(int error_number);

}  // namespace sma
