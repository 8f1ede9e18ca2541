// SPDX-License-Identifier: Apache-2.0
// The shared config and credentials files, paths in them, and URLs.
#include "aws/credentials/profile_keys.hpp"
#include "aws/profile_file.hpp"
#include "aws/region.hpp"
#include "aws/settings.hpp"
#include "aws/url.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sma::aws;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (const ProfileFileKind kind : {ProfileFileKind::Config, ProfileFileKind::Credentials}) {
        const auto file = parse_profile_file(text, kind, "f");
        if (!file) continue;
        for (const auto& [name, section] : file->profiles)
            static_cast<void>(profile_keys(section, name));
    }
    const Environment environment = [](std::string_view name) -> std::optional<std::string> {
        return name.size() % 2 == 0 ? std::optional<std::string>("value") : std::nullopt;
    };
    static_cast<void>(expand_path(text, environment));
    static_cast<void>(is_region(text));
    if (const auto url = parse_url(text)) {
        // What is written is read as the same.
        const auto again = parse_url(url->text());
        if (!again || again->text() != url->text()) std::abort();
    }
    return 0;
}
