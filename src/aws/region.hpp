// SPDX-License-Identifier: Apache-2.0
// Which region, and who said so. Pure functions.
#pragma once

#include "base/result.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sma::aws {

class Settings;

struct RegionChoice {
    std::string name;
    std::string source;  ///< "configuration", "AWS_REGION", "profile default", ...
};

/// The first non-empty of: `configured`, AWS_REGION, AWS_DEFAULT_REGION, the profile's `region`. ErrorKind::NoRegion
/// when there is none, or when it cannot be a region's name. The instance metadata service, which has to be asked and
/// not looked up, comes after these.
[[nodiscard]] Result<RegionChoice> choose_region(const std::optional<std::string>& configured,
                                                 const Settings& settings);

/// A host label: letters, digits, hyphens within; at most 63; not all digits.
[[nodiscard]] bool is_region(std::string_view name) noexcept;

/// Takes "fips-" or "-fips" out of a pseudo region such as "us-east-1-fips". True if it was there.
bool strip_fips(std::string& region);

[[nodiscard]] Error no_region();
[[nodiscard]] Error invalid_region(std::string_view name);

}  // namespace sma::aws
