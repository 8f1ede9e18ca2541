// SPDX-License-Identifier: Apache-2.0
// What an SDK calls a session: from environment, shared files and options to region, endpoints, credentials and
// clients.
//
// Made on any thread (it reads the shared files: blocking); used on the upstream loop only.
#pragma once

#include "aws/credentials/provider.hpp"
#include "aws/environment.hpp"
#include "aws/secrets_manager.hpp"
#include "aws/sts.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "io/offload.hpp"
#include "io/task.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace sma::aws {

struct SessionOptions {
    Environment environment = process_environment();
    std::optional<std::string> region;                      ///< wins over every other source
    std::optional<std::filesystem::path> credentials_file;  ///< these credentials alone; the chain is not used
    bool allow_long_term_credentials = false;               ///< in credentials_file
    CredentialsPtr static_credentials;                      ///< wins over everything (development backend)
    std::optional<std::string> endpoint_url;                ///< for every service (development backend)
};

class Session {
public:
    /// Fails only for what no later event can mend: a malformed endpoint URL, a malformed shared file, a named profile
    /// that does not exist. Missing credentials or a missing region are errors of the calls.
    [[nodiscard]] static Result<std::unique_ptr<Session>> create(SessionOptions options, io::Executor upstream,
                                                                 io::Offload& offload, const Clock& clock);
    virtual ~Session() = default;

    /// The region ("us-east-1" for a pseudo region such as "us-east-1-fips") and where it came from ("configuration",
    /// "AWS_REGION", ...), or ErrorKind::NoRegion.
    struct Region {
        std::string name;
        std::string source;
    };
    [[nodiscard]] virtual const Result<Region>& region() const = 0;
    /// The base URL used for Secrets Manager, or the error that keeps it from being known.
    [[nodiscard]] virtual Result<std::string> secrets_manager_endpoint() const = 0;

    [[nodiscard]] virtual CredentialsProvider& credentials() = 0;
    [[nodiscard]] virtual SecretsManager& secrets_manager() = 0;
    [[nodiscard]] virtual Sts& sts() = 0;

    /// Closes idle connections and refuses new calls (ErrorKind::Stopping).
    virtual void stop() = 0;
};

}  // namespace sma::aws
