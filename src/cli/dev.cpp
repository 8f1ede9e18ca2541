// SPDX-License-Identifier: Apache-2.0
#include "base/log.hpp"
#include "cli/agent.hpp"
#include "cli/commands.hpp"
#include "cli/failure.hpp"
#include "cli/token_file.hpp"
#include "config/load.hpp"
#include "emulator/emulator.hpp"
#include "io/event_loop.hpp"

#include <boost/asio/post.hpp>

#include <cstdio>

namespace sma::cli {
namespace {

using namespace std::chrono_literals;

constexpr const char* kRegion = "us-east-1";

void print_how_to(const emulator::Emulator& backend, const std::filesystem::path& token, std::uint16_t port) {
    const std::string endpoint = "http://127.0.0.1:" + std::to_string(backend.port());
    std::printf("Development backend (Secrets Manager and STS emulator) on %s\n"
                "  For development only: no TLS, known keys, everything is forgotten at the end.\n"
                "Token file: %s\n",
                endpoint.c_str(), token.c_str());
    if (const std::string secret = backend.example_secret(); !secret.empty()) {
        std::printf("Read a secret:\n"
                    "  curl -H \"X-Aws-Parameters-Secrets-Token: $(cat %s)\" "
                    "'http://localhost:%u/secretsmanager/get?secretId=%s'\n",
                    token.c_str(), unsigned{port}, secret.c_str());
    }
    std::printf("Write secrets with any AWS SDK or the AWS CLI:\n"
                "  export AWS_ENDPOINT_URL=%s AWS_DEFAULT_REGION=us-east-1\n",
                endpoint.c_str());
    // Only the key that everybody knows is printed; one from a seed file is its author's.
    if (backend.agent_credentials()->access_key_id == emulator::kAccessKeyId) {
        std::printf("  export AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s\n", emulator::kAccessKeyId,
                    emulator::kSecretAccessKey);
    } else {
        std::printf("  (and AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY as in the seed file)\n");
    }
    std::printf("  aws secretsmanager create-secret --endpoint-url %s --name my-secret --secret-string hello\n",
                endpoint.c_str());
    std::fflush(stdout);
}

int run_with_backend(const Arguments& arguments, AgentOptions options, const std::filesystem::path& token) {
    io::EventLoop loop("backend");
    auto backend = emulator::Emulator::create(
        loop.executor(), {.port = arguments.backend_port, .region = kRegion, .seeds = arguments.secrets},
        Clock::system());
    if (!backend) return report_failure(backend.error());
    emulator::Emulator& emulator = **backend;

    // Nothing of the person's own AWS settings may reach the emulator, or be reached through it.
    options.environment = [token_variable = options.config.ssrf_env_variables.front(), token,
                           process = aws::process_environment()](std::string_view name) -> std::optional<std::string> {
        if (name == token_variable) return "file://" + token.string();
        if (name == "NOTIFY_SOCKET" || name.starts_with("WATCHDOG_")) return process(name);
        return std::nullopt;
    };
    options.endpoint_url = "http://127.0.0.1:" + std::to_string(emulator.port());
    options.static_credentials = emulator.agent_credentials();
    options.on_ready = [&emulator, token](std::uint16_t port) { print_how_to(emulator, token, port); };

    loop.start();
    const int code = run_agent(std::move(options));
    io::asio::post(loop.executor(), [&emulator] { emulator.stop(); });
    if (!loop.drain(1s)) loop.stop();
    return code;
}

}  // namespace

int dev(const Arguments& arguments) {
    const aws::Environment process = aws::process_environment();
    AgentOptions options;
    if (arguments.config) {
        Result<config::Loaded> loaded = config::load(*arguments.config);
        if (!loaded) return report_failure(loaded.error());
        options.config = std::move(loaded->config);
        options.config_warnings = std::move(loaded->warnings);
        options.config_file = arguments.config;
    } else {
        options.config.log_to_file = false;  // a person is watching
    }
    options.overlay = [port = arguments.port](config::Config& config) {
        if (port) config.http_port = *port;
        config.region = kRegion;
        config.credentials_file_path.reset();
    };
    options.overlay(options.config);

    Result<TokenFile> token = TokenFile::create(arguments.token_file, process("XDG_RUNTIME_DIR"));
    if (!token) return report_failure(token.error());
    options.on_abandon = [&token] { token->remove(); };

    log::start({.level = options.config.log_level, .to_file = options.config.log_to_file});
    const int code = run_with_backend(arguments, std::move(options), token->path());
    log::stop();
    return code;
}

}  // namespace sma::cli
