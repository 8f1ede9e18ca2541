// SPDX-License-Identifier: Apache-2.0
// A JSON document as text in secret memory. Pure function.
#pragma once

#include "base/secret_bytes.hpp"

#include <boost/json/fwd.hpp>

namespace sma::emulator {

[[nodiscard]] SecretBytes json_text(const boost::json::value& value);

}  // namespace sma::emulator
