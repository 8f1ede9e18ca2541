// SPDX-License-Identifier: Apache-2.0
#include "base/error.hpp"

#include <system_error>

namespace sma {

std::string_view to_string(ErrorKind kind) noexcept {
    switch (kind) {
    case ErrorKind::InvalidInput:
        return "InvalidInput";
    case ErrorKind::System:
        return "System";
    case ErrorKind::NoCredentials:
        return "NoCredentials";
    case ErrorKind::NoRegion:
        return "NoRegion";
    case ErrorKind::Timeout:
        return "Timeout";
    case ErrorKind::Connection:
        return "Connection";
    case ErrorKind::Truncated:
        return "Truncated";
    case ErrorKind::Closed:
        return "Closed";
    case ErrorKind::BadAnswer:
        return "BadAnswer";
    case ErrorKind::Service:
        return "Service";
    case ErrorKind::Stopping:
        return "Stopping";
    case ErrorKind::Internal:
        return "Internal";
    }
    return "Unknown";
}

std::string Error::describe() const {
    std::string text(kind_ == ErrorKind::Service && !code_.empty() ? std::string_view(code_) : to_string(kind_));
    if (http_status_ != 0) text += " (HTTP " + std::to_string(http_status_) + ")";
    text += ": " + message_;
    if (!hint_.empty()) text += " (" + hint_ + ")";
    return text;
}

std::string os_error_text(int error_number) {
    return std::generic_category().message(error_number) + " (os error " + std::to_string(error_number) + ")";
}

}  // namespace sma
