// SPDX-License-Identifier: Apache-2.0
#include "aws/time_text.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <array>

namespace sma::aws {
namespace {

// Eats `count` digits and returns their value, or -1.
int digits(std::string_view& text, std::size_t count) {
    if (text.size() < count) return -1;
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (!ascii::is_digit(text[i])) return -1;
        value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(count);
    return value;
}

bool eat(std::string_view& text, char c) {
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    return true;
}

std::optional<WallTime> make_time(int year, int month, int day, int hour, int minute, int second) {
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
    // Beyond these the clock's nanoseconds overflow.
    if (year < 1700 || year > 2250) return std::nullopt;
    return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
           std::chrono::seconds(second);
}

}  // namespace

std::optional<WallTime> parse_http_date(std::string_view text) {
    constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    if (text.size() != 29 || text.substr(3, 2) != ", " || text[7] != ' ' || text[11] != ' ' || text[16] != ' ' ||
        text.substr(25) != " GMT") {
        return std::nullopt;
    }
    const auto* const month = std::ranges::find(months, text.substr(8, 3));
    if (month == months.end()) return std::nullopt;
    std::string_view rest = text.substr(5);
    const int day = digits(rest, 2);
    rest = text.substr(12);
    const int year = digits(rest, 4);
    rest = text.substr(17);
    const int hour = digits(rest, 2);
    const bool colon1 = eat(rest, ':');
    const int minute = digits(rest, 2);
    const bool colon2 = eat(rest, ':');
    const int second = digits(rest, 2);
    if (day < 0 || year < 0 || hour < 0 || minute < 0 || second < 0 || !colon1 || !colon2) return std::nullopt;
    return make_time(year, static_cast<int>(month - months.begin()) + 1, day, hour, minute, second);
}

std::optional<WallTime> parse_iso8601(std::string_view text) {
    const int year = digits(text, 4);
    const bool dash1 = eat(text, '-');
    const int month = digits(text, 2);
    const bool dash2 = eat(text, '-');
    const int day = digits(text, 2);
    const bool separator = eat(text, 'T') || eat(text, 't') || eat(text, ' ');
    const int hour = digits(text, 2);
    const bool colon1 = eat(text, ':');
    const int minute = digits(text, 2);
    const bool colon2 = eat(text, ':');
    const int second = digits(text, 2);
    if (year < 0 || month < 0 || day < 0 || hour < 0 || minute < 0 || second < 0) return std::nullopt;
    if (!dash1 || !dash2 || !separator || !colon1 || !colon2) return std::nullopt;
    std::optional<WallTime> time = make_time(year, month, day, hour, minute, second);
    if (!time) return std::nullopt;
    if (eat(text, '.')) {
        if (text.empty() || !ascii::is_digit(text.front())) return std::nullopt;
        std::int64_t unit = 100'000'000;
        for (; !text.empty() && ascii::is_digit(text.front()); text.remove_prefix(1), unit /= 10) {
            *time += std::chrono::duration_cast<WallTime::duration>(std::chrono::nanoseconds(unit * (text[0] - '0')));
        }
    }
    if (text.empty() || text == "Z" || text == "z" || text == "UTC") return time;
    const bool ahead = text.front() == '+';
    if (!ahead && text.front() != '-') return std::nullopt;
    text.remove_prefix(1);
    const int zone_hours = digits(text, 2);
    eat(text, ':');
    const int zone_minutes = digits(text, 2);
    if (zone_hours < 0 || zone_hours > 23 || zone_minutes < 0 || zone_minutes > 59 || !text.empty()) {
        return std::nullopt;
    }
    const auto zone = std::chrono::hours(zone_hours) + std::chrono::minutes(zone_minutes);
    return ahead ? *time - zone : *time + zone;
}

}  // namespace sma::aws
