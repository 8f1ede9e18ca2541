// SPDX-License-Identifier: Apache-2.0
// Error answers of AWS services, read. Pure functions.
//
// Every wrapper gives ErrorKind::Service with the HTTP status. The code may be there without the message and the other
// way round, so that the retry table sees all there is; complete() then decides what a caller sees. Code and message
// are cut to a length fit for a log, and the message of a refused signature before the request that it may quote.
#pragma once

#include "aws/http.hpp"
#include "base/error.hpp"

namespace sma::aws {

/// AWS JSON and REST-JSON: the code from the header x-amzn-errortype, else `code`, else `__type`.
[[nodiscard]] Error read_json_error(const HttpResponse& response);

/// AWS Query: XML ErrorResponse/Error.
[[nodiscard]] Error read_query_error(const HttpResponse& response);

/// The error as callers see it: one without a code has a message of ours; one without a message stays as it is.
[[nodiscard]] Error complete(Error error);

/// "ns#Name:http://..." -> "Name"
[[nodiscard]] std::string_view bare_code(std::string_view raw) noexcept;

}  // namespace sma::aws
