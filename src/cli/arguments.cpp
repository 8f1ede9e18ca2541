// SPDX-License-Identifier: Apache-2.0
#include "cli/arguments.hpp"

#include <CLI/CLI.hpp>

namespace sma::cli {
namespace {

constexpr const char* kFooter = R"text(
Without a command, serves secrets on http://127.0.0.1:2773 (or the configured port).

Examples:
  aws-secrets-manager-agent --config config.toml
  aws-secrets-manager-agent dev
  curl -H "X-Aws-Parameters-Secrets-Token: $(cat /var/run/awssmatoken)" \
       'http://localhost:2773/secretsmanager/get?secretId=my-secret'

The token is read from AWS_TOKEN (or AWS_SESSION_TOKEN, AWS_CONTAINER_AUTHORIZATION_TOKEN), as
a value or as file:///path. See aws-secrets-manager-agent(1).)text";

void add_config(CLI::App& app, Arguments& arguments) {
    app.add_option("-c,--config", arguments.config, "Configuration file (TOML)")
        ->type_name("FILE")
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

void add_start(CLI::App& app, const char* name, const char* what, Arguments& arguments) {
    CLI::App* group = app.add_subcommand(name, what);
    group->require_subcommand(1);
    CLI::App* start = group->add_subcommand("start", "Serve secrets over localhost");
    add_config(*start, arguments);
    start->callback([&arguments] {
        arguments.command = Command::Serve;
        arguments.v3_form = true;
    });
}

void add_unsupported(CLI::App& app, const char* name, const char* what, Arguments& arguments) {
    CLI::App* command = app.add_subcommand(name, what);
    command->group("");  // recognised, not offered
    command->allow_extras();
    command->prefix_command();
    command->callback([&arguments] { arguments.command = Command::Unsupported; });
}

}  // namespace

Arguments parse_arguments(int argc, const char* const* argv) {
    Arguments arguments;
    CLI::App app("Reads secrets from AWS Secrets Manager, caches them, and serves them over localhost.",
                 "aws-secrets-manager-agent");
    app.set_version_flag("-V,--version", "aws-secrets-manager-agent " SMA_VERSION);
    app.footer(kFooter);
    add_config(app, arguments);
    add_start(app, "sm", "Serve secrets: `sm start`", arguments);
    add_start(app, "asm", "The same: `asm start`", arguments);

    CLI::App* dev = app.add_subcommand("dev", "Run the agent with an emulator of AWS Secrets Manager, offline");
    add_config(*dev, arguments);
    dev->add_option("--secrets", arguments.secrets, "Secrets, access keys and roles to begin with (TOML or JSON)")
        ->type_name("FILE");
    dev->add_option("--port", arguments.port, "Port of the agent; 0: any that is free [as configured, else 2773]")
        ->type_name("N");
    dev->add_option("--backend-port", arguments.backend_port, "Port of the emulator; 0: any that is free")
        ->type_name("N")
        ->capture_default_str();
    dev->add_option("--token-file", arguments.token_file, "Where to leave the token for clients")->type_name("FILE");
    dev->callback([&arguments] { arguments.command = Command::Dev; });

    app.add_subcommand("help", "Show this help")->group("")->allow_extras()->callback([] { throw CLI::CallForHelp(); });
    add_unsupported(app, "acm", "Certificates", arguments);
    add_unsupported(app, "setup-config-based-permissions", "Certificates", arguments);
    app.require_subcommand(0, 1);

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        arguments.command = Command::Exit;
        arguments.exit_code = app.exit(error) == 0 ? 0 : 2;
        return arguments;
    }
    if (app.get_subcommands().empty()) arguments.command = Command::Serve;
    return arguments;
}

}  // namespace sma::cli
