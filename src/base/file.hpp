// SPDX-License-Identifier: Apache-2.0
// Whole files in one call. Blocking: at start, or on io::Offload. Errors are ErrorKind::System with the path and the
// system's reason, such as "cannot read /x: No such file or directory (os error 2)".
#pragma once

#include "base/result.hpp"
#include "base/secret_bytes.hpp"

#include <cstddef>
#include <expected>
#include <filesystem>
#include <string>

namespace sma {

constexpr std::size_t kFileLimit = 4 * 1024 * 1024;

/// Reads a regular file or a pipe of at most `limit` bytes.
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit = kFileLimit);

/// The same, into secret memory.
[[nodiscard]] Result<SecretBytes> read_secret_file(const std::filesystem::path& path, std::size_t limit = kFileLimit);

/// The same; the error is the reason alone ("Permission denied (os error 13)"). Opens the file once.
[[nodiscard]] std::expected<SecretBytes, std::string> try_read_secret_file(const std::filesystem::path& path,
                                                                           std::size_t limit = kFileLimit);

/// The reason alone ("Permission denied (os error 13)") why `path` cannot be read, or an empty string if it can.
[[nodiscard]] std::string why_unreadable(const std::filesystem::path& path);

}  // namespace sma
