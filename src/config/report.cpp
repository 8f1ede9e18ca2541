// SPDX-License-Identifier: Apache-2.0
#include "config/report.hpp"

#include "base/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

namespace sma::config {
namespace {

constexpr std::size_t kMostLines = 100;

bool continues_character(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

/// Levenshtein's distance, with letter case ignored: keys are lower case.
std::size_t distance(std::string_view word, std::string_view candidate) {
    std::vector<std::size_t> row(candidate.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (const char c : word) {
        const char lower = ascii::lower(c);
        std::size_t diagonal = std::exchange(row[0], row[0] + 1);
        for (std::size_t i = 0; i < candidate.size(); ++i) {
            const std::size_t replaced = diagonal + (lower == candidate[i] ? 0 : 1);
            diagonal = std::exchange(row[i + 1], std::min({replaced, row[i] + 1, row[i + 1] + 1}));
        }
    }
    return row.back();
}

}  // namespace

Report::Report(std::string_view name) : name_(printable(name, std::numeric_limits<std::size_t>::max())) {}

void Report::error(Place place, std::string field, std::string message, std::string guidance) {
    std::string text = field.empty() ? std::move(message) : fmt::format("{}: {}", field, message);
    if (!guidance.empty()) text += fmt::format(" ({})", guidance);
    errors_.emplace(place, std::move(text));
}

void Report::warn(Place place, std::string field, std::string message) {
    warnings_.emplace(place, fmt::format("{}: {}", field, message));
}

std::vector<std::string> Report::lines(const Remarks& remarks) const {
    std::vector<std::string> out;
    for (const auto& [place, text] : remarks) {
        if (out.size() == kMostLines) {
            out.push_back(fmt::format("{}: and {} more", name_, remarks.size() - kMostLines));
            break;
        }
        out.push_back(fmt::format("{}:{}:{}: {}", name_, place.line, place.column, text));
    }
    return out;
}

std::string Report::failure() const {
    std::string text = fmt::format("Configuration validation failed with {} error(s):", errors_.size());
    std::size_t number = 0;
    for (const std::string& line : lines(errors_))
        text += fmt::format("\n  {}. {}", ++number, line);
    return text;
}

std::vector<std::string> Report::warnings() const {
    return lines(warnings_);
}

std::string printable(std::string_view text, std::size_t limit) {
    std::string_view shown = text;
    if (text.size() > limit) {
        while (limit > 0 && continues_character(text[limit]))
            --limit;
        shown = text.substr(0, limit);
    }
    std::string out;
    for (std::size_t i = 0; i < shown.size(); ++i) {
        const auto byte = static_cast<unsigned char>(shown[i]);
        // U+0080 to U+009F, which UTF-8 spells C2 80 to C2 9F, are control characters to a terminal.
        const bool c1 = byte == 0xC2U && i + 1 < shown.size() && static_cast<unsigned char>(shown[i + 1]) < 0xA0U;
        if (byte < 0x20U || byte == 0x7FU) {
            out += fmt::format("\\x{:02x}", byte);
        } else if (c1) {
            out += fmt::format("\\x{:02x}", static_cast<unsigned char>(shown[++i]));
        } else {
            out += shown[i];
        }
    }
    if (shown.size() < text.size()) out += "...";
    return out;
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
    constexpr std::size_t shortest_part = 3;
    constexpr std::size_t longest_word = 60;  // bounds the work; no key is near to a longer one
    if (word.empty() || word.size() > longest_word) return {};

    std::string_view best;
    std::size_t best_distance = std::numeric_limits<std::size_t>::max();
    for (const std::string_view candidate : candidates) {
        const std::size_t away = distance(word, candidate);
        const bool part = (word.size() >= shortest_part && candidate.contains(word)) ||
                          (candidate.size() >= shortest_part && word.contains(candidate));
        const bool near = part || away <= std::max(word.size(), candidate.size()) / 3;
        if (near && away < best_distance) {
            best = candidate;
            best_distance = away;
        }
    }
    return best;
}

}  // namespace sma::config
