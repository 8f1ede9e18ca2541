// SPDX-License-Identifier: Apache-2.0
#include "config/load.hpp"

#include "base/file.hpp"
#include "base/toml_guard.hpp"
#include "config/reader.hpp"
#include "config/report.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <limits>

namespace sma::config {
namespace {

constexpr std::size_t kMostBytes = 1024 * 1024;

/// A syntax error, in the reference's words; the parser stops at the first.
std::unexpected<Error> syntax_error(std::string_view name, Place place, std::string_view reason) {
    constexpr std::size_t longest_reason = 300;  // it may quote a key
    Report report(name);
    report.error(place, {},
                 fmt::format("TOML parse error at line {}, column {}: {}", place.line, place.column,
                             printable(reason, longest_reason)));
    return fail(ErrorKind::InvalidInput, report.failure());
}

std::unexpected<Error> unreadable(std::string_view name, std::string_view reason) {
    return fail(ErrorKind::InvalidInput, fmt::format("Failed to read config file '{}': {}", name, reason));
}

}  // namespace

Result<Loaded> parse(std::string_view text, std::string_view name) {
    if (text.size() > kMostBytes) {
        return unreadable(printable(name), fmt::format("larger than {} bytes", kMostBytes));
    }
    if (const std::optional<TextPlace> place = find_deep_toml(text)) {
        return syntax_error(name, {.line = place->line, .column = place->column},
                            fmt::format("lists, tables or dotted keys nested more than {} deep", kMostTomlNesting));
    }
    toml::table root;
    try {
        root = toml::parse(text);
    } catch (const toml::parse_error& error) {
        return syntax_error(name, place_of(error.source()), error.description());
    }

    Loaded loaded;
    Report report(name);
    Reader(loaded.config, report).read(root);
    if (!report.ok()) return fail(ErrorKind::InvalidInput, report.failure());
    loaded.warnings = report.warnings();
    return loaded;
}

Result<Loaded> load(const std::filesystem::path& file) {
    const Result<std::string> text = read_file(file, kMostBytes);
    if (text) return parse(*text, file.string());

    const std::string name = printable(file.string(), std::numeric_limits<std::size_t>::max());
    std::string_view reason = text.error().message();
    const std::string context = fmt::format("cannot read {}: ", file.string());
    if (reason.starts_with(context)) reason.remove_prefix(context.size());
    if (reason == os_error_text(ENOENT)) {
        return fail(ErrorKind::InvalidInput, fmt::format("configuration file \"{}\" not found", name));
    }
    return unreadable(name, reason);
}

}  // namespace sma::config
