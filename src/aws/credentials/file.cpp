// SPDX-License-Identifier: Apache-2.0
#include "aws/credentials/file.hpp"

#include "aws/credentials/profile_keys.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "io/file_watch.hpp"
#include "io/spawn.hpp"

#include <optional>
#include <utility>

#include <sys/stat.h>

namespace sma::aws {
namespace {

void warn_if_open_to_others(const std::filesystem::path& path) {
    struct stat info{};
    if (::stat(path.c_str(), &info) != 0 || (info.st_mode & 077U) == 0) return;
    log::warn("aws", "credentials file {} has mode {:04o}: others than its owner may use it; chmod 600 is advised",
              path.string(), info.st_mode & 07777U);
}

}  // namespace

Result<CredentialsPtr> load_credentials_file(const CredentialsFileOptions& options) {
    const std::string name = options.path.string();
    const auto unusable = [](const Error& error) { return fail(ErrorKind::NoCredentials, error.message()); };
    std::error_code unknown;
    const std::filesystem::file_status status = std::filesystem::status(options.path, unknown);
    if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
        return fail(ErrorKind::NoCredentials, "cannot read " + name + ": not a regular file");  // a pipe would block
    }
    const Result<SecretBytes> text = read_secret_file(options.path);
    if (!text) return unusable(text.error());
    warn_if_open_to_others(options.path);
    const Result<ProfileFile> file = parse_profile_file(text->reveal(), ProfileFileKind::Credentials, name);
    if (!file) return unusable(file.error());
    const auto profile = file->profiles.find(options.profile);
    if (profile == file->profiles.end()) {
        return fail(ErrorKind::NoCredentials, name + " has no profile [" + options.profile + "]");
    }
    Result<CredentialsPtr> keys = profile_keys(profile->second, "profile " + options.profile + " in " + name);
    if (!keys) return keys;
    if (!*keys) return fail(ErrorKind::NoCredentials, name + ": no aws_access_key_id in [" + options.profile + "]");
    if ((*keys)->session_token.empty() && options.long_term == LongTermKeys::Refused) {
        log::error("aws",
                   "Security Policy Violation: Long-term IAM User credentials are not permitted. {} has no "
                   "aws_session_token in [{}]: use temporary credentials, or set allow_long_term_credentials",
                   name, options.profile);
        return fail(ErrorKind::NoCredentials,
                    name + ": long-term credentials (no aws_session_token) are not permitted");
    }
    return keys;
}

struct CredentialsFileProvider::State {
    State(CredentialsFileOptions given, io::Offload& pool) : options(std::move(given)), offload(pool) {}
    CredentialsFileOptions options;
    io::Offload& offload;
    Result<CredentialsPtr> current{CredentialsPtr()};
    std::optional<io::FileWatch> watch;

    void take(Result<CredentialsPtr> loaded) {
        const bool has_old_ones = current && *current;
        if (loaded)
            log::info("aws", "loaded credentials from {}", options.path.string());
        else
            log::error("aws", "{}{}", loaded.error().message(),
                       has_old_ones ? "; keeping the credentials loaded before" : "");
        if (loaded || !has_old_ones) current = std::move(loaded);
    }

    static io::Task<void> reload(std::shared_ptr<State> state) {
        // One thread does all reading, so the last change is also the last to be taken.
        Result<CredentialsPtr> loaded = co_await state->offload.run<Result<CredentialsPtr>>(
            [options = state->options] { return load_credentials_file(options); });
        state->take(std::move(loaded));
    }
};

CredentialsFileProvider::CredentialsFileProvider(CredentialsFileOptions options, io::Executor executor,
                                                 io::Offload& offload)
    : state_(std::make_shared<State>(std::move(options), offload)) {
    const auto on_change = [weak = std::weak_ptr(state_), executor] {
        if (auto state = weak.lock()) io::spawn(executor, "credentials file", State::reload(std::move(state)));
    };
    state_->watch.emplace(executor, state_->options.path, on_change);
    state_->take(load_credentials_file(state_->options));
}

CredentialsFileProvider::~CredentialsFileProvider() {
    stop();
}

void CredentialsFileProvider::stop() {
    state_->watch.reset();
}

io::Task<Result<CredentialsPtr>> CredentialsFileProvider::get() {
    co_return state_->current;
}

}  // namespace sma::aws
