// SPDX-License-Identifier: Apache-2.0
#include "aws/settings.hpp"

#include "aws/nss.hpp"
#include "base/ascii.hpp"
#include "base/file.hpp"
#include "base/log.hpp"

#include <algorithm>
#include <array>

#include <pwd.h>
#include <unistd.h>

namespace sma::aws {
namespace {

std::string home(const Environment& environment) {
    if (auto value = environment("HOME")) return *value;
    use_built_in_lookups();
    std::array<char, 4096> buffer{};
    passwd entry{};
    passwd* found = nullptr;
    if (::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) {
        return found->pw_dir;
    }
    return "~";
}

Result<ProfileFile> read(const std::filesystem::path& path, ProfileFileKind kind) {
    std::error_code missing;
    if (!std::filesystem::is_regular_file(path, missing)) return ProfileFile();
    const Result<SecretBytes> text = read_secret_file(path);
    if (!text) {
        log::warn("aws", "{}; going on without it", text.error().message());
        return ProfileFile();
    }
    return parse_profile_file(text->reveal(), kind, path.string());
}

std::optional<ProfileSection> take(std::map<std::string, ProfileSection, std::less<>>& sections,
                                   const std::string& name) {
    const auto found = sections.find(name);
    if (found == sections.end()) return std::nullopt;
    return std::move(found->second);
}

std::string variable_name(std::string_view text, bool braces) {
    const auto end =
        std::ranges::find_if(text, [braces](char c) { return braces ? c == '}' : !ascii::is_alnum(c) && c != '_'; });
    return {text.begin(), end};
}

}  // namespace

Settings::Settings(Environment environment)
    : environment_(std::move(environment)), profile_name_(chosen_profile(environment_).value_or("default")),
      config_file_(expand_path(environment_("AWS_CONFIG_FILE").value_or("~/.aws/config"), environment_)),
      credentials_file_(
          expand_path(environment_("AWS_SHARED_CREDENTIALS_FILE").value_or("~/.aws/credentials"), environment_)) {}

Settings Settings::without_files(Environment environment) {
    return Settings(std::move(environment));
}

Result<Settings> Settings::load(Environment environment, MissingProfile missing) {
    Settings settings(std::move(environment));
    Result<ProfileFile> config = read(settings.config_file_, ProfileFileKind::Config);
    if (!config) return fail(std::move(config.error()));
    Result<ProfileFile> credentials = read(settings.credentials_file_, ProfileFileKind::Credentials);
    if (!credentials) return fail(std::move(credentials.error()));
    settings.config_ = take(config->profiles, settings.profile_name_);
    settings.credentials_ = take(credentials->profiles, settings.profile_name_);
    const bool found = settings.config_ || settings.credentials_;
    if (!found && missing == MissingProfile::IsError && chosen_profile(settings.environment_)) {
        return fail(Error(ErrorKind::InvalidInput, "The config profile (" + settings.profile_name_ +
                                                       ") could not be found in " + settings.config_file_.string() +
                                                       " or " + settings.credentials_file_.string())
                        .with_hint("AWS_PROFILE or AWS_DEFAULT_PROFILE names it"));
    }
    if (const auto services = settings.profile("services")) settings.services_ = take(config->services, *services);
    return settings;
}

std::optional<std::string> Settings::get(std::string_view variable, std::string_view key) const {
    if (auto value = environment_(variable)) return value;
    return profile(key);
}

std::optional<std::string> Settings::profile(std::string_view key) const {
    std::optional<std::string> value;
    if (credentials_) value = credentials_->text(key);
    if (!value && config_) value = config_->text(key);
    return value;
}

Result<std::optional<std::string>> Settings::service_endpoint(std::string_view block) const {
    const auto name = profile("services");
    if (!name) return std::nullopt;
    if (!services_) {
        return fail(ErrorKind::InvalidInput, "profile " + profile_name_ + " names [services " + *name +
                                                 "], which is not in " + config_file_.string());
    }
    const ProfileValue* const value = services_->find(block);
    if (value == nullptr) return std::nullopt;
    const auto url = value->nested.find("endpoint_url");
    if (url == value->nested.end() || url->second.empty()) return std::nullopt;
    return std::optional(std::string(url->second.reveal()));
}

std::optional<std::string> chosen_profile(const Environment& environment) {
    if (auto name = environment("AWS_DEFAULT_PROFILE")) return name;
    return environment("AWS_PROFILE");
}

std::filesystem::path expand_path(std::string_view text, const Environment& environment) {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        const bool braces = text.substr(i).starts_with("${");
        const std::size_t start = i + (braces ? 2 : 1);
        std::optional<std::string> value;
        std::size_t end = i + 1;
        if (text[i] == '$' && start < text.size()) {
            const std::string name = variable_name(text.substr(start), braces);
            end = start + name.size() + (braces ? 1 : 0);
            if (!name.empty() && end <= text.size()) value = environment(name);
        }
        if (value)
            out += *value;
        else
            out += text[i];
        i = value ? end : i + 1;
    }
    if (out == "~" || out.starts_with("~/")) out.replace(0, 1, home(environment));
    return out;
}

}  // namespace sma::aws
