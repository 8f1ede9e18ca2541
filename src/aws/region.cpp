// SPDX-License-Identifier: Apache-2.0
#include "aws/region.hpp"

#include "aws/settings.hpp"
#include "base/ascii.hpp"

#include <algorithm>

namespace sma::aws {

Result<RegionChoice> choose_region(const std::optional<std::string>& configured, const Settings& settings) {
    RegionChoice choice;
    if (configured && !configured->empty()) {
        choice = {*configured, "configuration"};
    } else {
        for (const char* const variable : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
            const auto value = non_empty(settings.environment(), variable);
            if (value && choice.name.empty()) choice = {*value, variable};
        }
        const auto value = settings.profile("region");
        if (choice.name.empty() && value) choice = {*value, "profile " + settings.profile_name()};
    }
    if (choice.name.empty()) return fail(no_region());
    if (!is_region(choice.name)) return fail(invalid_region(choice.name).with_context(choice.source));
    return choice;
}

bool is_region(std::string_view name) noexcept {
    if (name.empty() || name.size() > 63 || name.front() == '-' || name.back() == '-') return false;
    return std::ranges::all_of(name, [](char c) { return ascii::is_alnum(c) || c == '-'; }) &&
           !std::ranges::all_of(name, ascii::is_digit);
}

bool strip_fips(std::string& region) {
    for (const std::string_view part : {"fips-", "-fips"}) {
        const std::size_t at = region.find(part);
        if (at == std::string::npos) continue;
        region.erase(at, part.size());
        return true;
    }
    return false;
}

Error no_region() {
    return Error(ErrorKind::NoRegion, "no AWS region is configured")
        .with_hint("set region in the configuration, or AWS_REGION, or region in the profile");
}

Error invalid_region(std::string_view name) {
    return Error(ErrorKind::NoRegion, "\"" + std::string(name) + "\" cannot be the name of a region")
        .with_hint("such as eu-west-1: letters, digits and hyphens");
}

}  // namespace sma::aws
