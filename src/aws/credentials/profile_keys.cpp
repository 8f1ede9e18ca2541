// SPDX-License-Identifier: Apache-2.0
#include "aws/credentials/profile_keys.hpp"

#include "aws/credentials/static.hpp"

#include <utility>

namespace sma::aws {
namespace {

SecretBytes secret(const ProfileSection& section, std::string_view key) {
    const ProfileValue* const value = section.find(key);
    return value == nullptr ? SecretBytes() : value->text.copy();
}

}  // namespace

Result<CredentialsPtr> profile_keys(const ProfileSection& section, std::string source) {
    const std::optional<std::string> access_key = section.text("aws_access_key_id");
    if (!access_key) return CredentialsPtr();
    if (section.find("aws_secret_access_key") == nullptr) {
        return fail(ErrorKind::NoCredentials,
                    "partial credentials in " + source + ": aws_access_key_id without aws_secret_access_key");
    }
    Credentials credentials;
    credentials.access_key_id = *access_key;
    credentials.secret_access_key = secret(section, "aws_secret_access_key");
    // The older name wins, as in botocore.
    const bool older = section.find("aws_security_token") != nullptr;
    credentials.session_token = secret(section, older ? "aws_security_token" : "aws_session_token");
    credentials.source = std::move(source);
    return make_credentials(std::move(credentials));
}

ProfileKeysProvider::ProfileKeysProvider(std::string_view name, const ProfileSection* section, std::string source)
    : name_(name),
      keys_(section == nullptr ? Result<CredentialsPtr>(CredentialsPtr()) : profile_keys(*section, std::move(source))) {
}

}  // namespace sma::aws
