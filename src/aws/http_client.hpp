// SPDX-License-Identifier: Apache-2.0
// The HTTP/1.1 client for everything AWS: keep-alive pool, TLS, proxies, time limits.
//
// Lives on the upstream loop; made on any thread before its first use, destroyed on the loop or after it has ended.
#pragma once

#include "aws/http.hpp"
#include "aws/http_proxy.hpp"
#include "io/offload.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>

namespace sma::aws {

struct HttpOptions {
    std::chrono::milliseconds connect_timeout{3'100};   ///< name look-up, TCP, proxy and TLS together
    std::chrono::milliseconds attempt_timeout{10'000};  ///< connecting included
    std::chrono::milliseconds idle_timeout{20'000};     ///< then a pooled connection is closed
    std::size_t idle_per_host = 8;
    std::size_t header_limit = 64 * 1024;            ///< of an answer
    std::size_t body_limit = 1024 * 1024;            ///< of an answer
    std::optional<std::filesystem::path> ca_bundle;  ///< absent: the system's
    ProxySettings proxies;
};

class HttpClient final : public HttpSender {
public:
    HttpClient(io::Executor executor, io::Offload& offload, HttpOptions options);
    ~HttpClient() override;

    /// See HttpSender. A pooled connection that proves dead before a byte of the answer came is replaced once by a
    /// fresh one, unseen by the caller: every request sent with this client may be sent twice.
    [[nodiscard]] io::Task<Result<HttpResponse>> send(HttpRequest request) override;

    /// Closes idle connections and refuses new requests; those in flight go on.
    void stop();

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace sma::aws
