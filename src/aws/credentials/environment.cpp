// SPDX-License-Identifier: Apache-2.0
#include "aws/credentials/environment.hpp"

#include "aws/credentials/static.hpp"
#include "aws/time_text.hpp"

#include <utility>

namespace sma::aws {
namespace {

SecretBytes secret(const Environment& environment, std::string_view name) {
    std::optional<std::string> text = environment(name);
    if (!text) return {};
    SecretBytes value(*text);
    secret_memory::wipe(text->data(), text->size());
    return value;
}

}  // namespace

EnvironmentProvider::EnvironmentProvider(Environment environment, const Clock& clock)
    : environment_(std::move(environment)), clock_(clock) {}

io::Task<Result<CredentialsPtr>> EnvironmentProvider::get() {
    const std::optional<std::string> access_key = non_empty(environment_, "AWS_ACCESS_KEY_ID");
    if (!access_key) co_return CredentialsPtr();
    Credentials credentials;
    credentials.source = "environment";
    credentials.access_key_id = *access_key;
    credentials.secret_access_key = secret(environment_, "AWS_SECRET_ACCESS_KEY");
    if (credentials.secret_access_key.empty()) {
        co_return fail(
            ErrorKind::NoCredentials,
            "partial credentials in the environment: AWS_ACCESS_KEY_ID is set, AWS_SECRET_ACCESS_KEY is not");
    }
    credentials.session_token = secret(environment_, "AWS_SECURITY_TOKEN");
    if (credentials.session_token.empty()) credentials.session_token = secret(environment_, "AWS_SESSION_TOKEN");
    if (const auto text = non_empty(environment_, "AWS_CREDENTIAL_EXPIRATION")) {
        credentials.expiration = parse_iso8601(*text);
        if (!credentials.expiration) {
            co_return fail(ErrorKind::NoCredentials, "AWS_CREDENTIAL_EXPIRATION is not a date of the form "
                                                     "2026-11-24T06:12:01Z");
        }
        if (*credentials.expiration <= clock_.wall_now()) {
            co_return fail(ErrorKind::NoCredentials, "the credentials in the environment have expired "
                                                     "(AWS_CREDENTIAL_EXPIRATION)");
        }
    }
    co_return make_credentials(std::move(credentials));
}

}  // namespace sma::aws
