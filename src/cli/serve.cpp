// SPDX-License-Identifier: Apache-2.0
#include "base/log.hpp"
#include "cli/agent.hpp"
#include "cli/commands.hpp"
#include "cli/failure.hpp"
#include "config/load.hpp"

#include <cstdio>

namespace sma::cli {
namespace {

// Where the reference's v3 form looks when no file is named; the v2 form has no default file.
constexpr const char* kV3ConfigFile = "/etc/aws-workload-credentials-provider/config.toml";

}  // namespace

int serve(const Arguments& arguments) {
    AgentOptions options;
    options.environment = aws::process_environment();
    options.config_file = arguments.config;
    if (!options.config_file && arguments.v3_form && std::filesystem::exists(kV3ConfigFile)) {
        options.config_file = kV3ConfigFile;
    }
    if (options.config_file) {
        Result<config::Loaded> loaded = config::load(*options.config_file);
        if (!loaded) return report_failure(loaded.error());
        options.config = std::move(loaded->config);
        options.config_warnings = std::move(loaded->warnings);
    }
    if (!options.config.enabled) {
        std::fputs("Secrets Manager is not enabled\n", stderr);
        return 0;
    }
    log::start({.level = options.config.log_level, .to_file = options.config.log_to_file});
    const int code = run_agent(std::move(options));
    log::stop();
    return code;
}

}  // namespace sma::cli
