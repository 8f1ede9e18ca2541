// SPDX-License-Identifier: Apache-2.0
#include "aws/http_client.hpp"

#include "aws/http_connection.hpp"
#include "aws/http_pool.hpp"
#include "aws/http_tls.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace sma::aws {
namespace {

using SteadyClock = io::Timer::clock_type;

std::string pool_key(const Url& url, const Url* proxy) {
    return std::string(url.scheme()) + "://" + url.host_and_port() + (proxy == nullptr ? "" : " by " + proxy->text());
}

}  // namespace

struct HttpClient::State {
    State(io::Executor executor, io::Offload& offload, HttpOptions given)
        : options(std::move(given)), tls(executor, offload, options.ca_bundle),
          pool(executor, options.idle_timeout, options.idle_per_host) {}
    HttpOptions options;
    TlsContext tls;
    HttpPool pool;
    bool stopping = false;
};

HttpClient::HttpClient(io::Executor executor, io::Offload& offload, HttpOptions options)
    : state_(std::make_shared<State>(executor, offload, std::move(options))) {}
HttpClient::~HttpClient() = default;

io::Task<Result<HttpResponse>> HttpClient::send(HttpRequest request) {
    const std::shared_ptr<State> state = state_;  // a call in flight may outlive the client
    const HttpOptions& options = state->options;
    if (state->stopping) co_return fail(ErrorKind::Stopping, "no new requests: stopping");
    const auto end = SteadyClock::now() + options.attempt_timeout;
    const HttpLimits limits{options.header_limit, options.body_limit};
    const Url* const proxy = request.proxy == ProxyUse::Never ? nullptr : options.proxies.select(request.url);
    const std::string key = pool_key(request.url, proxy);

    if (std::unique_ptr<HttpConnection> pooled = state->pool.take(key)) {
        HttpConnection::Exchange exchange = co_await pooled->exchange(request, limits, end - SteadyClock::now());
        if (exchange.reusable && !state->stopping) state->pool.put(key, std::move(pooled));
        const bool was_dead =
            !exchange.response && !exchange.began && exchange.response.error().kind() != ErrorKind::Timeout;
        if (!was_dead) co_return std::move(exchange.response);
    }

    TlsContextPtr tls;
    if (request.url.https) {
        Result<TlsContextPtr> loaded = co_await state->tls.get();
        if (!loaded) co_return fail(std::move(loaded.error()));
        tls = std::move(*loaded);
    }
    const auto connect_limit = std::min<std::chrono::nanoseconds>(options.connect_timeout, end - SteadyClock::now());
    std::optional<Url> by = proxy == nullptr ? std::nullopt : std::optional(*proxy);
    Result<std::unique_ptr<HttpConnection>> fresh =
        co_await HttpConnection::open(request.url, std::move(by), std::move(tls), connect_limit);
    if (!fresh) co_return fail(std::move(fresh.error()));
    HttpConnection::Exchange exchange = co_await (*fresh)->exchange(request, limits, end - SteadyClock::now());
    if (exchange.reusable && !state->stopping) state->pool.put(key, std::move(*fresh));
    co_return std::move(exchange.response);
}

void HttpClient::stop() {
    state_->stopping = true;
    state_->pool.clear();
}

}  // namespace sma::aws
