// SPDX-License-Identifier: Apache-2.0
// Reads and checks the TOML configuration: the reference's flat (v2) and nested (v3) form.
//
// Blocking; called at start and on reload. Every error is reported at once, with file, line and column around the
// reference's own message.
#pragma once

#include "base/result.hpp"
#include "config/config.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace sma::config {

struct Loaded {
    Config config;
    /// What was accepted but deserves a word in the log, such as a key in the wrong letter case.
    std::vector<std::string> warnings;
};

/// Fails with ErrorKind::InvalidInput; the message has one line for each error.
[[nodiscard]] Result<Loaded> load(const std::filesystem::path& file);

/// The same for text that is already in memory; `name` stands for the file in messages.
[[nodiscard]] Result<Loaded> parse(std::string_view text, std::string_view name);

}  // namespace sma::config
