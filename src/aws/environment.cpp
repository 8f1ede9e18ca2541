// SPDX-License-Identifier: Apache-2.0
#include "aws/environment.hpp"

#include "base/ascii.hpp"

#include <cstdlib>

namespace sma::aws {

Environment process_environment() {
    return [](std::string_view name) -> std::optional<std::string> {
        const char* const value = std::getenv(std::string(name).c_str());  // NOLINT(concurrency-mt-unsafe): never set
        if (value == nullptr) return std::nullopt;
        return std::string(value);
    };
}

std::optional<std::string> non_empty(const Environment& environment, std::string_view name) {
    std::optional<std::string> value = environment(name);
    if (value && value->empty()) value.reset();
    return value;
}

bool is_true(std::string_view text) noexcept {
    return ascii::equals_ignoring_case(text, "true");
}

}  // namespace sma::aws
