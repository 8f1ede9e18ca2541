// SPDX-License-Identifier: Apache-2.0
// A small AWS for development and tests: Secrets Manager and a little STS on a loopback port, in this process.
//
// For development only: it binds 127.0.0.1, keeps everything in memory and forgets it at the end. Lives on one loop;
// all its state is touched on that loop alone.
#pragma once

#include "aws/credentials/provider.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "io/task.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace sma::emulator {

struct Options {
    std::uint16_t port = 0;  ///< 0: the system picks
    std::string region = "us-east-1";
    std::string account = "123456789012";
    std::optional<std::filesystem::path> seeds;  ///< TOML or JSON: secrets, access keys, roles
};

/// The access key that is known when the seeds name none: the one AWS's own documentation uses.
inline constexpr const char* kAccessKeyId = "AKIAIOSFODNN7EXAMPLE";
inline constexpr const char* kSecretAccessKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

class Emulator {
public:
    /// Reads the seeds, binds and listens (blocking), and serves once `executor`'s loop runs. ErrorKind::InvalidInput
    /// for bad seeds (with file, line and what was expected), ErrorKind::System when the port cannot be bound. `clock`
    /// must outlive the loop; the Emulator is destroyed on the loop's thread, or after the loop has ended and before
    /// its io_context goes.
    [[nodiscard]] static Result<std::unique_ptr<Emulator>> create(io::Executor executor, const Options& options,
                                                                  const Clock& clock);
    virtual ~Emulator() = default;
    /// The real port.
    [[nodiscard]] virtual std::uint16_t port() const noexcept = 0;
    /// Any secret's name that the agent may be tried with, or empty when there is none.
    [[nodiscard]] virtual std::string example_secret() const = 0;
    /// A key that is known: what an agent that reads from this backend signs with.
    [[nodiscard]] virtual aws::CredentialsPtr agent_credentials() const = 0;
    /// Stops accepting and closes every connection. On the loop's thread.
    virtual void stop() = 0;
};

}  // namespace sma::emulator
