// SPDX-License-Identifier: Apache-2.0
// The agent as a whole: makes the parts, connects them, and runs them until a signal ends it.
#pragma once

#include "aws/session.hpp"
#include "config/config.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace sma::cli {

struct AgentOptions {
    config::Config config;
    std::vector<std::string> config_warnings;
    std::optional<std::filesystem::path> config_file;  ///< re-read on SIGHUP
    aws::Environment environment;                      ///< for the token and for credentials
    aws::CredentialsPtr static_credentials;            ///< development backend
    std::optional<std::string> endpoint_url;           ///< development backend
    std::function<void(config::Config&)> overlay;      ///< applied to the configuration whenever it is re-read
    std::function<void(std::uint16_t port)> on_ready;  ///< after the start line
    std::function<void()> on_abandon;                  ///< before the process is left without unwinding
};

/// Runs until SIGTERM or SIGINT, and returns the exit code: 0, or 1 when it cannot start (said on standard error).
/// The log has been started. Takes over the calling thread.
[[nodiscard]] int run_agent(AgentOptions options);

}  // namespace sma::cli
