// SPDX-License-Identifier: Apache-2.0
// Name look-up with a deadline. On the upstream loop.
#pragma once

#include "base/result.hpp"
#include "io/task.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace sma::aws {

/// The addresses of `host` (a name or an address), in the order to try. Connection when there are none, Timeout when
/// the system has not answered within `limit`: a look-up that has begun ends on its own, one that waits is dropped.
[[nodiscard]] io::Task<Result<std::vector<boost::asio::ip::tcp::endpoint>>>
resolve(std::string host, std::uint16_t port, std::chrono::nanoseconds limit);

}  // namespace sma::aws
