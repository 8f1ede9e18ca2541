// SPDX-License-Identifier: Apache-2.0
// What is wrong with a configuration file, collected and told in the order of the file.
//
// One Report for one file, on one thread. Its limit on lines keeps a hostile file from filling a terminal.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sma::config {

/// Line and column, counted from 1.
struct Place {
    std::uint32_t line = 1;
    std::uint32_t column = 1;
    friend auto operator<=>(const Place&, const Place&) = default;
};

class Report {
public:
    /// `name` stands for the file in each line.
    explicit Report(std::string_view name);

    /// `field`, `message` and `guidance` are printable already; `field` and `guidance` may be empty.
    void error(Place place, std::string field, std::string message, std::string guidance = {});
    void warn(Place place, std::string field, std::string message);

    [[nodiscard]] bool ok() const noexcept { return errors_.empty(); }
    /// "Configuration validation failed with N error(s):" and a line for each.
    [[nodiscard]] std::string failure() const;
    [[nodiscard]] std::vector<std::string> warnings() const;

private:
    using Remarks = std::multimap<Place, std::string>;  // in the order of the file
    [[nodiscard]] std::vector<std::string> lines(const Remarks& remarks) const;

    std::string name_;
    Remarks errors_;
    Remarks warnings_;
};

/// A text of the user's, fit for a terminal: control characters as \xNN, "..." after `limit` bytes.
[[nodiscard]] std::string printable(std::string_view text, std::size_t limit = 80);

/// The candidate that `word` most likely means, or empty.
[[nodiscard]] std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace sma::config
