// SPDX-License-Identifier: Apache-2.0
// One connection to AWS or to a proxy, TLS or not. On the upstream loop; one exchange at a time.
#pragma once

#include "aws/http.hpp"
#include "aws/http_tls.hpp"
#include "base/result.hpp"
#include "io/task.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>

namespace sma::aws {

struct HttpLimits {
    std::size_t header_bytes = 64 * 1024;
    std::size_t body_bytes = 1024 * 1024;
};

class HttpConnection {
public:
    /// Looks up, connects, asks `proxy` (if any) for a tunnel when `url` is https, and shakes hands, all within
    /// `limit`. `tls` is needed for https only. Errors: Connection, Timeout.
    [[nodiscard]] static io::Task<Result<std::unique_ptr<HttpConnection>>>
    open(Url url, std::optional<Url> proxy, TlsContextPtr tls, std::chrono::nanoseconds limit);

    explicit HttpConnection(io::Executor executor);
    ~HttpConnection();
    HttpConnection(const HttpConnection&) = delete;
    HttpConnection& operator=(const HttpConnection&) = delete;

    struct Exchange {
        Result<HttpResponse> response;
        bool began = false;     ///< a byte of the answer arrived
        bool reusable = false;  ///< another exchange may follow
    };
    /// Sends and receives. `request` and this connection must outlive the call.
    [[nodiscard]] io::Task<Exchange> exchange(const HttpRequest& request, HttpLimits limits,
                                              std::chrono::nanoseconds limit);

    /// False when the peer has closed an idle connection, or sent what nobody asked for.
    [[nodiscard]] bool is_alive() noexcept;
    void close() noexcept;

private:
    using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, io::Executor>;

    [[nodiscard]] io::Task<Result<void>> connect(Url peer, std::chrono::nanoseconds limit);
    [[nodiscard]] io::Task<Result<void>> tunnel(Url url, Url proxy);
    [[nodiscard]] io::Task<Result<void>> shake_hands(Url url, TlsContextPtr tls);

    Socket socket_;
    TlsContextPtr context_;
    std::optional<boost::asio::ssl::stream<Socket&>> tls_;
    std::optional<Url> forward_proxy_;  ///< requests name the whole URL
};

}  // namespace sma::aws
