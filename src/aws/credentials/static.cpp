// SPDX-License-Identifier: Apache-2.0
#include "aws/credentials/static.hpp"

#include <algorithm>
#include <utility>

namespace sma::aws {
namespace {

bool is_visible(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace

Result<CredentialsPtr> make_credentials(Credentials credentials) {
    const auto bad = [&credentials](const char* what) {
        return fail(ErrorKind::NoCredentials, credentials.source + ": " + what);
    };
    if (credentials.access_key_id.empty()) return bad("the access key id is empty");
    if (credentials.secret_access_key.empty()) return bad("there is an access key id, but no secret access key");
    if (!is_visible(credentials.access_key_id) || credentials.access_key_id.contains('/') ||
        credentials.access_key_id.contains(',')) {
        return bad("the access key id has characters that no access key has");
    }
    if (!is_visible(credentials.session_token.reveal()))
        return bad("the session token has blanks or line breaks in it");
    return std::make_shared<const Credentials>(std::move(credentials));
}

}  // namespace sma::aws
