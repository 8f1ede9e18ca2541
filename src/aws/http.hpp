// SPDX-License-Identifier: Apache-2.0
// A request, its answer, and the interface of whoever carries them: HttpClient in the product, a script in tests.
#pragma once

#include "aws/url.hpp"
#include "base/result.hpp"
#include "base/secret_bytes.hpp"
#include "io/task.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sma::aws {

struct HttpHeader {
    std::string name;
    SecretBytes value;  ///< it may be a session token
};

enum class ProxyUse : std::uint8_t { AsConfigured, Never };

struct HttpRequest {
    std::string method = "POST";
    Url url;
    std::vector<HttpHeader> headers;  ///< without host and content-length, which the client adds
    SecretBytes body;
    ProxyUse proxy = ProxyUse::AsConfigured;

    void add_header(std::string name, std::string_view value) {
        headers.push_back({std::move(name), SecretBytes(value)});
    }
};

struct HttpResponse {
    unsigned status = 0;
    std::vector<HttpHeader> headers;
    SecretBytes body;

    /// The first header of that name (any letter case), or empty. Valid as long as the response.
    [[nodiscard]] std::string_view header(std::string_view name) const noexcept;
};

class HttpSender {
public:
    virtual ~HttpSender() = default;

    /// One attempt. Any status is an answer; redirects are not followed. Errors:
    ///   Connection  name look-up, refused, reset, TLS, proxy
    ///   Timeout     no connection, or no whole answer, in time
    ///   Closed      the peer closed before it answered
    ///   Truncated   the connection broke within the answer
    ///   BadAnswer   the answer is not HTTP, or larger than allowed
    ///   Stopping    stop() was called
    [[nodiscard]] virtual io::Task<Result<HttpResponse>> send(HttpRequest request) = 0;
};

}  // namespace sma::aws
