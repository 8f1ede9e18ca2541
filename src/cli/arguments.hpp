// SPDX-License-Identifier: Apache-2.0
// The command line, taken apart.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace sma::cli {

enum class Command : std::uint8_t {
    Serve,        ///< v2 form, and `sm start` / `asm start` of v3
    Dev,          ///< agent and emulator in one process
    Unsupported,  ///< certificates: commands of v3 that this agent does not have
    Exit,         ///< help, version and usage errors: everything has been printed
};

struct Arguments {
    Command command = Command::Exit;
    int exit_code = 0;  ///< for Command::Exit
    std::optional<std::filesystem::path> config;
    bool v3_form = false;  ///< `sm start`: has a default config file

    // dev
    std::optional<std::filesystem::path> secrets;
    std::optional<std::filesystem::path> token_file;
    std::optional<std::uint16_t> port;  ///< of the agent, else as configured
    std::uint16_t backend_port = 0;
};

/// Never throws; prints help and version to standard output, usage errors (exit code 2) to standard error.
[[nodiscard]] Arguments parse_arguments(int argc, const char* const* argv);

}  // namespace sma::cli
