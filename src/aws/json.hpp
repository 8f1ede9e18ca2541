// SPDX-License-Identifier: Apache-2.0
// JSON from the network into memory that is wiped. Thread-safe.
//
// Differs from boost::json::parse in three ways: documents live in secret memory unless told otherwise, depth is
// limited (size is limited by what reads the text: HttpLimits for an answer), and a number is the double nearest to its
// text (Boost.JSON 1.81 may be off by one place).
#pragma once

#include "base/result.hpp"

#include <boost/json/storage_ptr.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <string_view>

namespace sma::aws {

constexpr std::size_t kJsonDepth = 32;

/// Storage in secret_memory, each block of it wiped when freed.
[[nodiscard]] boost::json::storage_ptr secret_storage();

/// Parses one whole document. ErrorKind::BadAnswer, with the offset and never the text, when it is not JSON.
[[nodiscard]] Result<boost::json::value> parse_json(std::string_view text,
                                                    const boost::json::storage_ptr& storage = secret_storage());

}  // namespace sma::aws
