// SPDX-License-Identifier: Apache-2.0
// The log: levels, a rotating file or the console, one line an event.
//
//   2026-11-24T06:12:01.926296298+00:00 INFO server - Rejecting request with incorrect SSRF token
//
// Thread-safe. Lines are queued and written by a thread of their own, so that a full disk never holds up a request;
// when the queue is full the oldest lines go. Control characters in a text are written as \xNN, so that nobody outside
// can forge a line. Secrets cannot be logged: SecretBytes has no formatter.
#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <utility>

namespace sma::log {

enum class Level : std::uint8_t { Debug, Info, Warn, Error, None };

/// "Debug", "Info", "Warn", "Error" or "None".
[[nodiscard]] std::string_view to_string(Level level) noexcept;

struct Options {
    Level level = Level::Info;
    /// true: `directory`/secrets_manager_agent.log, 10 MiB a file, five files in all. false: standard output.
    bool to_file = true;
    std::filesystem::path directory = "logs";
};

/// Starts the log. A log file that cannot be written is a warning on standard error, where all lines go then.
/// Console lines are held back until release_console(), so that the start line comes first on standard output.
void start(const Options& options);

/// The program's start line is out: console lines may follow.
void release_console();

/// Changes the level of a running log.
void set_level(Level level) noexcept;

/// Writes what is queued, lines still held back included (on standard error then), and ends the log.
void stop();

[[nodiscard]] bool enabled(Level level) noexcept;
void write(Level level, std::string_view component, std::string_view text);

template <class... Args>
void debug(std::string_view component, fmt::format_string<Args...> format, Args&&... args) {
    if (enabled(Level::Debug)) write(Level::Debug, component, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void info(std::string_view component, fmt::format_string<Args...> format, Args&&... args) {
    if (enabled(Level::Info)) write(Level::Info, component, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void warn(std::string_view component, fmt::format_string<Args...> format, Args&&... args) {
    if (enabled(Level::Warn)) write(Level::Warn, component, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void error(std::string_view component, fmt::format_string<Args...> format, Args&&... args) {
    if (enabled(Level::Error)) write(Level::Error, component, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace sma::log
