// SPDX-License-Identifier: Apache-2.0
// Answers of AWS: JSON and XML bodies, and the error answers made of them.
#include "aws/json.hpp"
#include "aws/service_error.hpp"
#include "aws/sigv4.hpp"
#include "aws/time_text.hpp"
#include "aws/xml.hpp"

#include <boost/json.hpp>

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto value = sma::aws::parse_json(text)) {
        // What was read can be written and read again.
        const auto again = sma::aws::parse_json(boost::json::serialize(*value));
        if (!again) std::abort();
    }
    sma::aws::HttpResponse response;
    response.status = 400;
    response.body = sma::SecretBytes(text);
    response.headers.push_back({"x-amzn-errortype", sma::SecretBytes(text.substr(0, 64))});
    static_cast<void>(sma::aws::complete(sma::aws::read_json_error(response)));
    static_cast<void>(sma::aws::complete(sma::aws::read_query_error(response)));
    static_cast<void>(sma::aws::parse_http_date(text));
    static_cast<void>(sma::aws::parse_iso8601(text));
    static_cast<void>(sma::aws::sigv4::parse_authorization(text));
    const std::size_t half = size / 2;
    static_cast<void>(sma::aws::sigv4::canonical_request(
        {"GET", text.substr(0, half), text.substr(half), {{"a", std::string(text)}}, text}));
    return 0;
}
