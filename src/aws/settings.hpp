// SPDX-License-Identifier: Apache-2.0
// Settings of AWS SDKs: the environment, then the chosen profile of the two shared files.
//
// Immutable after load(); of the files only the chosen profile is kept.
#pragma once

#include "aws/environment.hpp"
#include "aws/profile_file.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sma::aws {

/// What a profile that is named but exists in neither file means.
enum class MissingProfile : std::uint8_t { IsError, IsEmpty };

class Settings {
public:
    /// Reads both files: blocking. A missing or unreadable file is an empty one. InvalidInput for a file that cannot be
    /// parsed and for a missing profile.
    [[nodiscard]] static Result<Settings> load(Environment environment, MissingProfile missing);
    /// The environment alone.
    [[nodiscard]] static Settings without_files(Environment environment);

    [[nodiscard]] const Environment& environment() const noexcept { return environment_; }
    [[nodiscard]] const std::string& profile_name() const noexcept { return profile_name_; }

    /// The variable, even if it is empty, else the profile's key.
    [[nodiscard]] std::optional<std::string> get(std::string_view variable, std::string_view key) const;
    /// The profile's key; the credentials file's value wins.
    [[nodiscard]] std::optional<std::string> profile(std::string_view key) const;
    /// `endpoint_url` of `block` in the [services NAME] that the profile names. InvalidInput if that does not exist.
    [[nodiscard]] Result<std::optional<std::string>> service_endpoint(std::string_view block) const;

    /// The profile in each file, for what must not be mixed: null when it is not there.
    [[nodiscard]] const ProfileSection* in_config_file() const noexcept { return config_ ? &*config_ : nullptr; }
    [[nodiscard]] const ProfileSection* in_credentials_file() const noexcept {
        return credentials_ ? &*credentials_ : nullptr;
    }
    [[nodiscard]] const std::filesystem::path& config_file() const noexcept { return config_file_; }
    [[nodiscard]] const std::filesystem::path& credentials_file() const noexcept { return credentials_file_; }

private:
    explicit Settings(Environment environment);

    Environment environment_;
    std::string profile_name_;
    std::filesystem::path config_file_;
    std::filesystem::path credentials_file_;
    std::optional<ProfileSection> config_;
    std::optional<ProfileSection> credentials_;
    std::optional<ProfileSection> services_;
};

/// AWS_DEFAULT_PROFILE, else AWS_PROFILE, set even if empty; nullopt when neither is.
[[nodiscard]] std::optional<std::string> chosen_profile(const Environment& environment);

/// "$VAR" and "${VAR}" replaced (unknown ones kept), then a leading "~".
[[nodiscard]] std::filesystem::path expand_path(std::string_view text, const Environment& environment);

}  // namespace sma::aws
