// SPDX-License-Identifier: Apache-2.0
// Building answers in memory that is wiped. For the operations alone: includes Boost.JSON.
#pragma once

#include "aws/json.hpp"
#include "base/clock.hpp"
#include "emulator/operations.hpp"

#include <boost/json.hpp>

#include <chrono>
#include <cmath>
#include <string_view>

namespace sma::emulator {

namespace json = boost::json;

[[nodiscard]] inline json::object new_answer() {
    return json::object(aws::secret_storage());
}

/// Adds a string: straight into the answer's own storage, with no copy elsewhere.
inline void set(json::object& answer, std::string_view key, std::string_view text) {
    answer.emplace(key, text);
}

/// AWS writes times as seconds with milliseconds.
[[nodiscard]] inline double epoch_seconds(WallTime time) {
    const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
    return static_cast<double>(milliseconds) / 1000.0;
}

inline void set(json::object& answer, std::string_view key, WallTime time) {
    answer.emplace(key, epoch_seconds(time));
}

[[nodiscard]] inline json::array to_array(const std::vector<std::string>& texts, const json::storage_ptr& storage) {
    json::array array(storage);
    for (const std::string& text : texts)
        array.emplace_back(std::string_view(text));
    return array;
}

/// ARN and Name: what most operations answer.
[[nodiscard]] inline json::object answer_for(const Secret& secret) {
    json::object answer = new_answer();
    set(answer, "ARN", secret.arn);
    set(answer, "Name", secret.name);
    return answer;
}

/// The members SecretId, then the right to it; the secret is looked up by the caller.
[[nodiscard]] inline Result<std::string> permitted_secret_id(Call& call, std::string id) {
    if (auto valid = call.violations.result(); !valid) return fail(std::move(valid.error()));
    if (auto allowed = authorize(call, call.operation, id); !allowed) return fail(std::move(allowed.error()));
    return id;
}

}  // namespace sma::emulator
