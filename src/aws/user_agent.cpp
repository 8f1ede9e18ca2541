// SPDX-License-Identifier: Apache-2.0
#include "aws/user_agent.hpp"

#include "base/ascii.hpp"
#include "base/log.hpp"

#include <algorithm>

#include <sys/utsname.h>

namespace sma::aws {
namespace {

constexpr std::size_t kAppIdLimit = 50;

std::string sanitized(std::string text) {
    static constexpr std::string_view others = "!$%&'*+-.^_`|~,";
    std::ranges::replace_if(text, [](char c) { return !ascii::is_alnum(c) && !others.contains(c); }, '-');
    return text;
}

}  // namespace

std::string user_agent(const Environment& environment, std::string app_id) {
    std::string text = "aws-secrets-manager-agent/" SMA_VERSION " lang/c++ os/linux";
    utsname system{};
    if (::uname(&system) == 0) text.append("#").append(sanitized(system.machine));
    if (const auto where = non_empty(environment, "AWS_EXECUTION_ENV"))
        text.append(" exec-env/").append(sanitized(*where));
    if (app_id.size() > kAppIdLimit) {
        log::warn("aws", "the application id for the user agent is longer than {} characters", kAppIdLimit);
    }
    if (!app_id.empty()) text.append(" app/").append(sanitized(std::move(app_id)));
    return text;
}

}  // namespace sma::aws
