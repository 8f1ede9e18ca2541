// SPDX-License-Identifier: Apache-2.0
#include "emulator/authenticate.hpp"

#include "aws/sigv4.hpp"
#include "base/ascii.hpp"

#include <algorithm>
#include <chrono>

namespace sma::emulator {

namespace {

namespace sigv4 = aws::sigv4;

constexpr std::chrono::minutes kSkew{5};

constexpr const char* kMismatch =
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method. Consult the service documentation for details.";

std::unexpected<Error> refuse(const char* code, std::string message) {
    return fail(Error::service(code, std::move(message), 400));
}

std::unexpected<Error> invalid_signature(std::string message) {
    return refuse("InvalidSignatureException", std::move(message));
}

/// AWS lists every part that is missing.
std::string what_is_missing(std::string_view authorization) {
    std::string text;
    for (const char* part : {"Credential", "Signature", "SignedHeaders"}) {
        if (authorization.find(std::string(part) + "=") != std::string_view::npos) continue;
        if (!text.empty()) text += ' ';
        text += std::string("Authorization header requires '") + part + "' parameter.";
    }
    return text.empty() ? "Authorization header is not of the form AWS4-HMAC-SHA256 Credential=AKID/YYYYMMDD/REGION/"
                          "SERVICE/aws4_request, SignedHeaders=..., Signature=..."
                        : text;
}

Result<void> check_token(const Request& request, const AccessKey& key, WallTime now) {
    const std::string_view token = request.header("x-amz-security-token");
    if (!key.session_token.equals(token)) {
        return refuse("UnrecognizedClientException", "The security token included in the request is invalid.");
    }
    if (key.expires && now >= *key.expires) {
        return refuse("ExpiredTokenException", "The security token included in the request is expired");
    }
    return {};
}

Result<void> check_scope(const sigv4::Scope& scope, std::string_view date, const Expected& expected) {
    if (std::ranges::find(expected.regions, scope.region) == expected.regions.end()) {
        return invalid_signature("Credential should be scoped to a valid region.");
    }
    if (scope.service != expected.service) {
        return invalid_signature("Credential should be scoped to correct service: '" + std::string(expected.service) +
                                 "'.");
    }
    if (scope.date != date.substr(0, 8)) {
        return invalid_signature("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from "
                                 "HTTP: '" +
                                 scope.date + "' != '" + std::string(date.substr(0, 8)) + "', from '" +
                                 std::string(date) + "'.");
    }
    return {};
}

Result<void> check_date(WallTime signed_at, WallTime now) {
    const std::string given = sigv4::amz_date(signed_at);
    if (signed_at + kSkew < now) {
        return invalid_signature("Signature expired: " + given + " is now earlier than " +
                                 sigv4::amz_date(now - kSkew) + " (" + sigv4::amz_date(now) + " - 5 min.)");
    }
    if (signed_at - kSkew > now) {
        return invalid_signature("Signature not yet current: " + given + " is still later than " +
                                 sigv4::amz_date(now + kSkew) + " (" + sigv4::amz_date(now) + " + 5 min.)");
    }
    return {};
}

/// What changes the meaning of a request must be covered by its signature.
Result<void> check_signed_headers(const Request& request, const std::vector<std::string>& signed_headers) {
    const auto is_signed = [&](std::string_view name) {
        return std::ranges::find(signed_headers, name) != signed_headers.end();
    };
    if (!is_signed("host")) {
        return invalid_signature("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
    }
    if (!is_signed("x-amz-date")) {
        return invalid_signature("'X-Amz-Date' must be a 'SignedHeader' in the AWS Authorization.");
    }
    for (const auto& [name, value] : request.headers) {
        const std::string lower = ascii::lowered(name);
        if (lower.starts_with("x-amz-") && !is_signed(lower)) {
            return invalid_signature("'" + lower + "' must be a 'SignedHeader' in the AWS Authorization.");
        }
    }
    for (const std::string& name : signed_headers) {
        if (!request.has_header(name)) return invalid_signature(kMismatch);
    }
    return {};
}

std::string expected_signature(const Request& request, const sigv4::Authorization& authorization, std::string_view date,
                               const AccessKey& key) {
    const std::string_view target = request.target;
    const std::size_t question = target.find('?');
    sigv4::Request canonical;
    canonical.method = request.method;
    canonical.path = target.substr(0, question);
    if (question != std::string_view::npos) canonical.query = target.substr(question + 1);
    canonical.body = request.body.reveal();
    for (const auto& [name, value] : request.headers) {
        if (std::ranges::find(authorization.signed_headers, ascii::lowered(name)) !=
            authorization.signed_headers.end()) {
            canonical.headers.emplace_back(name, value);
        }
    }
    const std::string text = sigv4::string_to_sign(date, authorization.scope, sigv4::canonical_request(canonical));
    return sigv4::signature(key.secret, authorization.scope, text);
}

}  // namespace

Result<const AccessKey*> authenticate(const Request& request, const Accounts& accounts, const Expected& expected) {
    if (!request.has_header("authorization")) {
        return refuse("MissingAuthenticationTokenException", "Missing Authentication Token");
    }
    const std::string_view header = request.header("authorization");
    const auto authorization = sigv4::parse_authorization(header);
    if (!authorization) return refuse("IncompleteSignatureException", what_is_missing(header));
    const std::string_view date = request.header("x-amz-date");
    const auto signed_at = sigv4::parse_amz_date(date);
    if (date.empty()) {
        return refuse("IncompleteSignatureException",
                      "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
    }
    if (!signed_at) {
        return refuse("IncompleteSignatureException", "Date must be in ISO-8601 'basic format'. Got '" +
                                                          std::string(date) +
                                                          "'. See http://en.wikipedia.org/wiki/ISO_8601");
    }

    const AccessKey* key = accounts.find_key(authorization->access_key_id);
    if (key == nullptr) {
        return refuse("UnrecognizedClientException", "The security token included in the request is invalid.");
    }
    if (auto token = check_token(request, *key, expected.now); !token) return fail(std::move(token.error()));
    if (auto scope = check_scope(authorization->scope, date, expected); !scope) return fail(std::move(scope.error()));
    if (auto fresh = check_date(*signed_at, expected.now); !fresh) return fail(std::move(fresh.error()));
    if (auto covered = check_signed_headers(request, authorization->signed_headers); !covered) {
        return fail(std::move(covered.error()));
    }
    const SecretBytes wanted(expected_signature(request, *authorization, date, *key));
    if (!wanted.equals(authorization->signature)) return invalid_signature(kMismatch);
    return key;
}

}  // namespace sma::emulator
