// SPDX-License-Identifier: Apache-2.0
// Points in time as AWS and HTTP write them. Pure functions; nullopt when the text is not of the form.
#pragma once

#include "base/clock.hpp"

#include <optional>
#include <string_view>

namespace sma::aws {

/// "Sun, 06 Nov 1994 08:49:37 GMT"
[[nodiscard]] std::optional<WallTime> parse_http_date(std::string_view text);

/// ISO 8601 with a zone or UTC: "2026-11-24T06:12:01Z", fractions and "+01:00" allowed.
[[nodiscard]] std::optional<WallTime> parse_iso8601(std::string_view text);

}  // namespace sma::aws
