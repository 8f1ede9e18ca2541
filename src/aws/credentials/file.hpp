// SPDX-License-Identifier: Apache-2.0
// One credentials file, named in the configuration: these credentials alone, renewed whenever the file changes.
//
// The profile is AWS_PROFILE, else default. A session token is required unless long-term keys are allowed. A file that
// is missing, malformed or unreadable is an error of each get() until good credentials appear; a reload that fails
// keeps the old ones. On the upstream loop; destroyed there or after it has ended.
#pragma once

#include "aws/credentials/provider.hpp"
#include "io/offload.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace sma::aws {

enum class LongTermKeys : std::uint8_t { Refused, Allowed };

struct CredentialsFileOptions {
    std::filesystem::path path;
    std::string profile = "default";
    LongTermKeys long_term = LongTermKeys::Refused;
};

class CredentialsFileProvider final : public CredentialsProvider {
public:
    /// Reads the file (blocking) and starts to watch it.
    CredentialsFileProvider(CredentialsFileOptions options, io::Executor executor, io::Offload& offload);
    ~CredentialsFileProvider() override;
    [[nodiscard]] std::string_view name() const noexcept override { return "credentials-file"; }
    [[nodiscard]] io::Task<Result<CredentialsPtr>> get() override;
    void stop() override;

private:
    struct State;
    std::shared_ptr<State> state_;
};

/// Reads the file once: blocking. Logs a warning when others than its owner may do anything with it.
[[nodiscard]] Result<CredentialsPtr> load_credentials_file(const CredentialsFileOptions& options);

}  // namespace sma::aws
