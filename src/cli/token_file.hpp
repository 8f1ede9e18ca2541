// SPDX-License-Identifier: Apache-2.0
// A random token in a file, for as long as the development backend runs.
#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <optional>

namespace sma::cli {

class TokenFile {
public:
    /// Uses `wanted` or, without one, /var/run/awssmatoken where that can be written, else a file in XDG_RUNTIME_DIR or
    /// in a fresh private directory. An existing file that holds something is used as it is and left behind.
    [[nodiscard]] static Result<TokenFile> create(const std::optional<std::filesystem::path>& wanted,
                                                  const std::optional<std::string>& runtime_directory);
    ~TokenFile();
    TokenFile(TokenFile&& other) noexcept;
    TokenFile(const TokenFile&) = delete;
    TokenFile& operator=(const TokenFile&) = delete;
    TokenFile& operator=(TokenFile&&) = delete;

    /// Removes the file if it was made here. The destructor does the same.
    void remove() noexcept;
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

private:
    TokenFile() = default;
    std::filesystem::path path_;
    std::filesystem::path own_directory_;
    bool ours_ = false;
};

}  // namespace sma::cli
