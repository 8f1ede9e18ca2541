// SPDX-License-Identifier: Apache-2.0
// AWS Signature Version 4 in request headers: the one module that signs what we send and checks what we are sent.
//
// Pure functions, thread-safe. Rules: AWS General Reference, "Create a signed AWS API request"; for every service but
// S3 the path is normalised and encoded twice.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret_bytes.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sma::aws::sigv4 {

/// Name and value; names in any letter case, values as on the wire.
using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
    std::string_view method;
    std::string_view path;   ///< as on the wire, without the query
    std::string_view query;  ///< as on the wire, without '?'; may be empty
    Headers headers;         ///< exactly those that are signed
    std::string_view body;
};

struct Scope {
    std::string date;  ///< YYYYMMDD
    std::string region;
    std::string service;
    /// "20150830/us-east-1/secretsmanager/aws4_request"
    [[nodiscard]] std::string text() const;
};

/// Lower-case hex of SHA-256.
[[nodiscard]] std::string sha256_hex(std::string_view bytes);

/// "20150830T123600Z"
[[nodiscard]] std::string amz_date(WallTime time);

/// The reverse, or ErrorKind::InvalidInput.
[[nodiscard]] Result<WallTime> parse_amz_date(std::string_view text);

[[nodiscard]] std::string canonical_request(const Request& request);
/// "content-type;host;x-amz-date"
[[nodiscard]] std::string signed_header_names(const Headers& headers);
[[nodiscard]] std::string string_to_sign(std::string_view amz_date, const Scope& scope,
                                         std::string_view canonical_request);
/// Lower-case hex, 64 digits.
[[nodiscard]] std::string signature(const SecretBytes& secret_access_key, const Scope& scope,
                                    std::string_view string_to_sign);

/// The value of an Authorization header for `request`, whose headers must hold x-amz-date.
[[nodiscard]] std::string authorization(const Request& request, std::string_view access_key_id,
                                        const SecretBytes& secret_access_key, const Scope& scope,
                                        std::string_view amz_date);

/// An Authorization header, taken apart.
struct Authorization {
    std::string access_key_id;
    Scope scope;
    std::vector<std::string> signed_headers;  ///< lower case, in the order given
    std::string signature;
};

/// ErrorKind::InvalidInput when `value` is not of the form AWS4-HMAC-SHA256 Credential=..., SignedHeaders=...,
/// Signature=...
[[nodiscard]] Result<Authorization> parse_authorization(std::string_view value);

}  // namespace sma::aws::sigv4
