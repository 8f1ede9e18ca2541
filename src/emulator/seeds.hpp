// SPDX-License-Identifier: Apache-2.0
// What the emulator knows when it starts: secrets, access keys, roles. The format is in doc/development-backend.md.
#pragma once

#include "base/result.hpp"
#include "emulator/service.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace sma::emulator {

/// What is served when no file is given.
extern const std::string_view kDefaultSeeds;

enum class SeedFormat : std::uint8_t { Toml, Json };

/// Fills `service` and returns the name of a secret to try, or an empty string. ErrorKind::InvalidInput with every
/// error found, a line each, "FILE:LINE:COLUMN: what is wrong".
[[nodiscard]] Result<std::string> load_seeds(Service& service, std::string_view text, SeedFormat format,
                                             const std::string& file);

/// The same from a file, JSON when its name ends in .json and TOML otherwise. Blocking.
[[nodiscard]] Result<std::string> load_seed_file(Service& service, const std::filesystem::path& path);

}  // namespace sma::emulator
