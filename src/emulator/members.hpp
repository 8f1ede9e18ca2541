// SPDX-License-Identifier: Apache-2.0
// Reads the members of a request and says in AWS's words what is wrong with them.
//
// A member of the wrong JSON type is a SerializationException; a member outside its constraints is a
// ValidationException that lists the violations. Not thread-safe; the JSON must outlive the Members.
#pragma once

#include "base/result.hpp"
#include "emulator/store.hpp"

#include <boost/json/fwd.hpp>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sma::emulator {

/// The constraints of a string, in characters.
struct TextRule {
    std::size_t min = 0;
    std::size_t max = 0;
    const char* pattern = nullptr;  ///< how AWS writes it
    bool (*matches)(std::string_view) noexcept = nullptr;
};

enum class Presence : std::uint8_t { Optional, Required };

inline constexpr TextRule kSecretId{1, 2048};
inline constexpr TextRule kVersionId{32, 64};
inline constexpr TextRule kStage{1, 256};
inline constexpr TextRule kNextToken{1, 4096};

/// What was found wrong so far, in one request: the first fifty violations, long values cut.
class Violations {
public:
    /// "Value 'x' at 'secretId' failed to satisfy constraint: Member must ..."; `value` as it is to be printed.
    void add(std::string_view value, std::string_view path, std::string_view constraint);
    void serialization(std::string message);
    /// Checks a text that is no member of a JSON object: the parameters of STS.
    void check_text(std::string_view text, std::string_view path, const TextRule& rule);
    /// SerializationException before ValidationException.
    [[nodiscard]] Result<void> result() const;

private:
    std::vector<std::string> found_;
    std::optional<std::string> serialization_;
};

class Members {
public:
    Members(const boost::json::object& object, Violations& violations, std::string prefix = {});

    [[nodiscard]] std::optional<std::string> text(std::string_view name, const TextRule& rule,
                                                  Presence presence = Presence::Optional);
    /// One of `names`.
    [[nodiscard]] std::optional<std::string> choice(std::string_view name,
                                                    std::initializer_list<std::string_view> names,
                                                    Presence presence = Presence::Optional);
    [[nodiscard]] std::optional<std::int64_t> number(std::string_view name, std::int64_t min, std::int64_t max);
    [[nodiscard]] bool flag(std::string_view name, bool fallback = false);
    [[nodiscard]] bool has(std::string_view name) const;
    /// `min` to `max` strings; empty when absent.
    [[nodiscard]] std::vector<std::string> texts(std::string_view name, std::size_t min, std::size_t max,
                                                 const TextRule& rule, Presence presence = Presence::Optional);
    /// A list of objects, each with Members of its own; empty when absent.
    [[nodiscard]] std::vector<Members> objects(std::string_view name, std::size_t max,
                                               Presence presence = Presence::Optional);
    [[nodiscard]] std::vector<Tag> tags(Presence presence);
    /// SecretString or SecretBinary. An error when both are there.
    [[nodiscard]] Result<std::optional<SecretValue>> secret_value();

private:
    [[nodiscard]] const boost::json::value* get(std::string_view name, Presence presence);
    [[nodiscard]] const boost::json::array* list(std::string_view name, std::size_t min, std::size_t max,
                                                 Presence presence);
    [[nodiscard]] std::string path(std::string_view name) const;
    void check_size(std::size_t size, std::string_view name);

    const boost::json::object* object_;
    Violations* violations_;
    std::string prefix_;  // "filters.1.member."
};

}  // namespace sma::emulator
