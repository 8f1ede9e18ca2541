// SPDX-License-Identifier: Apache-2.0
#include "aws/http_resolver.hpp"

#include "aws/nss.hpp"
#include "io/timer.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/this_coro.hpp>

#include <exception>
#include <memory>

namespace sma::aws {
namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using Resolver = asio::ip::basic_resolver<Tcp, io::Executor>;

// Outlives the coroutine that gave up on it.
struct LookUp {
    LookUp(io::Executor executor, std::chrono::nanoseconds limit)
        : resolver(executor), timer(executor, std::chrono::duration_cast<io::Timer::duration>(limit)) {}
    Resolver resolver;
    io::Timer timer;
    bool done = false;
    boost::system::error_code error;
    std::vector<Tcp::endpoint> endpoints;
};

}  // namespace

io::Task<Result<std::vector<Tcp::endpoint>>> resolve(std::string host, std::uint16_t port,
                                                     std::chrono::nanoseconds limit) {
    boost::system::error_code not_literal;
    const asio::ip::address literal = asio::ip::make_address(host, not_literal);
    if (!not_literal) co_return std::vector{Tcp::endpoint(literal, port)};

    use_built_in_lookups();
    const io::Executor executor = co_await asio::this_coro::executor;
    const auto look_up = std::make_shared<LookUp>(executor, limit);
    try {
        look_up->resolver.async_resolve(
            host, std::to_string(port), Resolver::numeric_service,
            [look_up](boost::system::error_code error, const Resolver::results_type& results) {
                look_up->done = true;
                look_up->error = error;
                for (const auto& entry : results)
                    look_up->endpoints.push_back(entry.endpoint());
                look_up->timer.cancel();
            });
    } catch (const std::exception&) {  // the first look-up makes a thread
        co_return fail(ErrorKind::Connection, "cannot look up " + host + ": no thread for it");
    }
    co_await look_up->timer.async_wait(io::await_tuple);
    if (!look_up->done) {
        look_up->resolver.cancel();  // one that waits for the thread is not executed any more
        co_return fail(ErrorKind::Timeout, "looking up " + host + " took too long");
    }
    if (look_up->error || look_up->endpoints.empty()) {
        co_return fail(Error(ErrorKind::Connection, "cannot look up " + host + ": " + look_up->error.message())
                           .with_hint("check the name, the region and DNS"));
    }
    co_return std::move(look_up->endpoints);
}

}  // namespace sma::aws
