// SPDX-License-Identifier: Apache-2.0
// The grammar of AWS's shared config and credentials files. Pure function; the texts it keeps are in secret memory.
//
// The reference is botocore (Python's RawConfigParser). Where other SDKs' grammar disagrees about which of two values
// counts (a section or a key twice, [default] after [profile default]), that is an error here and no guess.
#pragma once

#include "base/result.hpp"
#include "base/secret_bytes.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace sma::aws {

struct ProfileValue {
    SecretBytes text;                           ///< lines of a continued value joined by '\n'; empty for a nested block
    std::map<std::string, SecretBytes> nested;  ///< "key =" followed by indented "sub = value" lines
};

/// Keys in lower case.
class ProfileSection {
public:
    std::map<std::string, ProfileValue, std::less<>> values;

    [[nodiscard]] const ProfileValue* find(std::string_view key) const;
    /// The text of a key that is not secret.
    [[nodiscard]] std::optional<std::string> text(std::string_view key) const;
};

struct ProfileFile {
    std::map<std::string, ProfileSection, std::less<>> profiles;
    std::map<std::string, ProfileSection, std::less<>> sso_sessions;  ///< config file only
    std::map<std::string, ProfileSection, std::less<>> services;      ///< config file only
};

/// In a config file a profile is [default] or [profile NAME]; in a credentials file the bracketed text is its name.
enum class ProfileFileKind : std::uint8_t { Config, Credentials };

/// ErrorKind::InvalidInput with `name` and line, never the text, for what is not of the grammar.
[[nodiscard]] Result<ProfileFile> parse_profile_file(std::string_view text, ProfileFileKind kind,
                                                     std::string_view name);

}  // namespace sma::aws
