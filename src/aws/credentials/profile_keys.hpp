// SPDX-License-Identifier: Apache-2.0
// Static keys of a profile: providers "shared-credentials-file" and "config-file", each reading its own file only.
#pragma once

#include "aws/credentials/provider.hpp"
#include "aws/profile_file.hpp"

#include <string>

namespace sma::aws {

/// The keys of `section`: null without aws_access_key_id, NoCredentials when the secret key is missing. `source` is for
/// a person.
[[nodiscard]] Result<CredentialsPtr> profile_keys(const ProfileSection& section, std::string source);

class ProfileKeysProvider final : public CredentialsProvider {
public:
    /// `section` may be null: then there is nothing. It is read here and not again.
    ProfileKeysProvider(std::string_view name, const ProfileSection* section, std::string source);
    [[nodiscard]] std::string_view name() const noexcept override { return name_; }
    [[nodiscard]] io::Task<Result<CredentialsPtr>> get() override { co_return keys_; }

private:
    std::string_view name_;
    Result<CredentialsPtr> keys_;
};

}  // namespace sma::aws
