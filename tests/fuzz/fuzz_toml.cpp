// SPDX-License-Identifier: Apache-2.0
// The configuration reader on arbitrary bytes: it answers with a Config within its ranges or with printable errors.
#include "config/load.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

bool is_one_printable_text(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F; });
}

void check(const sma::config::Config& config) {
    require(config.http_port == 0 || config.http_port >= 1024);
    require(config.ttl.count() >= 0 && config.ttl.count() <= 3600);
    require(config.cache_size <= 1000);
    require(config.max_conn >= 1 && config.max_conn <= 1000);
    require(config.max_roles >= 1 && config.max_roles <= 20);
    require(config.workers <= 64);
    require(config.path_prefix.starts_with('/'));
    require(!config.ssrf_headers.empty() && !config.ssrf_env_variables.empty());
    require(config.prefetch.cache_buffer_ratio >= 0.1 && config.prefetch.cache_buffer_ratio <= 1.0);
    require(config.prefetch.max_jitter.count() >= 0 && config.prefetch.max_jitter.count() <= 10);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t longest = 64 * 1024;
    if (size > longest) return -1;
    const auto loaded = sma::config::parse({reinterpret_cast<const char*>(data), size}, "fuzz.toml");
    if (loaded) {
        check(loaded->config);
        for (const std::string& warning : loaded->warnings)
            require(is_one_printable_text(warning));
        return 0;
    }
    std::string message = loaded.error().message();
    std::erase(message, '\n');
    require(is_one_printable_text(message));
    require(message.starts_with("Configuration validation failed with "));
    return 0;
}
