// SPDX-License-Identifier: Apache-2.0
#include "base/process.hpp"
#include "base/secret_memory.hpp"
#include "cli/arguments.hpp"
#include "cli/commands.hpp"

#include <sodium/core.h>

#include <cstdio>
#include <exception>

namespace {

int run(int argc, const char* const* argv) {
    const sma::cli::Arguments arguments = sma::cli::parse_arguments(argc, argv);
    switch (arguments.command) {
    case sma::cli::Command::Serve:
        return sma::cli::serve(arguments);
    case sma::cli::Command::Dev:
        return sma::cli::dev(arguments);
    case sma::cli::Command::Unsupported:
        std::fputs("Certificates (the acm commands) are not supported by this agent; use the AWS Workload Credentials "
                   "Provider for them.\n",
                   stderr);
        return 1;
    case sma::cli::Command::Exit:
        return arguments.exit_code;
    }
    return 1;
}

}  // namespace

int main(int argc, char** argv) {
    sma::harden_process();
    sma::secret_memory::wipe_openssl_memory();
    if (::sodium_init() < 0) {
        std::fputs("cannot start: the system gives no random numbers\n", stderr);
        return 1;
    }
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "Error: %s\n", error.what());
        return 1;
    }
}
