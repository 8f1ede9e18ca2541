// SPDX-License-Identifier: Apache-2.0
// The coroutine type of this program, over one concrete executor.
//
// A Task runs on the event loop it was spawned on and on no other thread. Parameters of coroutines are taken by value
// unless the header says what outlives them; no lock is held across co_await.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sma::io {

namespace asio = boost::asio;

/// Concrete, not any_io_executor: no type erasure on the hit path.
using Executor = asio::io_context::executor_type;

template <class T>
using Task = asio::awaitable<T, Executor>;

/// Completion token: `auto [ec, n] = co_await op(await_tuple)`; the usual choice, since a closed socket is no
/// exception.
inline constexpr asio::as_tuple_t<asio::use_awaitable_t<Executor>> await_tuple{};

}  // namespace sma::io
