// SPDX-License-Identifier: Apache-2.0
#include "cli/agent.hpp"

#include "base/log.hpp"
#include "cli/failure.hpp"
#include "cli/notify.hpp"
#include "cli/reload.hpp"
#include "config/load.hpp"
#include "io/event_loop.hpp"
#include "io/handoff.hpp"
#include "io/spawn.hpp"
#include "secrets/service.hpp"
#include "server/server.hpp"

#include <boost/asio/basic_signal_set.hpp>
#include <boost/asio/signal_set.hpp>
#include <fmt/ranges.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace sma::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto kDrainLimit = 10s;  // for requests in flight when a signal ends the agent
constexpr auto kUpstreamDrainLimit = 2s;
constexpr auto kCheckLimit = 60s;  // for the credentials check at start: three attempts of ten seconds, and pauses
constexpr std::size_t kMaxDefaultWorkers = 4;

std::size_t worker_count(const config::Config& config) {
    if (config.workers != 0) return config.workers;
    return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, kMaxDefaultWorkers);
}

cache::Options cache_options(const config::Config& config) {
    return {.ttl = config.ttl, .capacity = config.cache_size, .stale_if_error = config.ignore_transient_errors};
}

server::Options server_options(const config::Config& config) {
    return {.port = config.http_port,
            .workers = worker_count(config),
            .path_prefix = config.path_prefix,
            .allowed_hosts = config.allowed_hosts,
            .max_connections = config.max_conn};
}

int cannot_start(const Error& error) {
    log::error("agent", "{}", error.describe());
    return report_failure(error);
}

class Agent {
public:
    explicit Agent(AgentOptions options)
        : options_(std::move(options)), notifier_(options_.environment), signals_(main_.get_executor()) {}

    int run() {
        if (const Result<void> made = make(); !made) return cannot_start(made.error());
        signals_.add(SIGTERM);
        signals_.add(SIGINT);
        signals_.add(SIGHUP);
        io::spawn(main_.get_executor(), "main", live());
        main_.run();
        leave();
        return exit_code_;
    }

private:
    // Token before port before AWS: what a person got wrong shows before anything is waited for.
    Result<void> make() {
        const config::Config& config = options_.config;
        auto token = server::TokenSource::create(config.ssrf_headers, config.ssrf_env_variables, options_.environment);
        if (!token) return fail(token.error());
        token_ = std::move(*token);

        auto session = aws::Session::create({.environment = options_.environment,
                                             .region = config.region,
                                             .credentials_file = config.credentials_file_path,
                                             .allow_long_term_credentials = config.allow_long_term_credentials,
                                             .static_credentials = options_.static_credentials,
                                             .endpoint_url = options_.endpoint_url},
                                            upstream_.executor(), offload_, Clock::system());
        if (!session) return fail(session.error());
        session_ = std::move(*session);
        service_.emplace(cache_options(config), session_->secrets_manager(), upstream_.executor(), Clock::system());

        auto server = server::Server::create(server_options(config), *service_, *token_, Clock::system());
        if (!server) return fail(server.error());
        server_ = std::move(*server);
        return {};
    }

    io::Task<void> live() {
        upstream_.start();
        io::asio::post(upstream_.executor(), [this] { token_->watch(upstream_.executor()); });
        io::spawn(main_.get_executor(), "signals", heed_signals());
        if (!co_await credentials_are_valid()) {
            exit_code_ = 1;
            end();
            co_return;
        }
        server_->start();
        announce();
        started_ = true;
        if (notifier_.watchdog()) io::spawn(main_.get_executor(), "watchdog", feed_watchdog(*notifier_.watchdog()));
    }

    void announce() {
        const std::string line = fmt::format("Agent/{} listening on http://127.0.0.1:{}", SMA_VERSION, server_->port());
        std::printf("%s\n", line.c_str());
        std::fflush(stdout);
        log::release_console();
        log::info("agent", "{}", line);
        if (options_.on_ready) options_.on_ready(server_->port());
        notifier_.ready();
    }

    // One GetCallerIdentity, as the reference. Trouble that may pass does not keep the agent from starting.
    io::Task<bool> credentials_are_valid() {
        const config::Config& config = options_.config;
        if (!config.validate_credentials || config.credentials_file_path) co_return true;
        using Answer = Result<aws::CallerIdentity>;
        auto question = [this](io::Reply<Answer> reply) {
            io::spawn(upstream_.executor(), "credentials check", check(std::move(reply)));
        };
        const std::optional<Answer> answer = co_await io::ask<Answer>(upstream_.executor(), question, kCheckLimit);
        if (answer && *answer) {
            log::info("agent", "Running as {}", (*answer)->arn);
            tell_home(**answer);
            co_return true;
        }
        const Error error = answer ? answer->error() : Error(ErrorKind::Timeout, "no answer from STS");
        if (secrets::disposition(error) == cache::Disposition::Transient && config.ignore_transient_errors) {
            log::warn("agent", "Credentials could not be checked, starting all the same: {}", error.describe());
            co_return true;
        }
        Error failure(ErrorKind::NoCredentials, "Error: the AWS credentials do not work: " + error.describe());
        cannot_start(std::move(failure).with_hint(
            "check where credentials come from, or set validate_credentials = false to start without this check"));
        co_return false;
    }

    void tell_home(const aws::CallerIdentity& identity) {
        if (!session_->region()) return;
        // "arn:aws:iam::123456789012:user/x": the partition is its second part.
        const std::size_t colon = identity.arn.find(':', 4);
        if (!identity.arn.starts_with("arn:") || colon == std::string::npos) return;
        std::string home = fmt::format("{}:secretsmanager:{}:{}:secret:", identity.arn.substr(0, colon),
                                       session_->region()->name, identity.account);
        io::asio::post(upstream_.executor(), [this, home = std::move(home)] { service_->set_home(home); });
    }

    io::Task<void> check(io::Reply<Result<aws::CallerIdentity>> reply) {
        reply(co_await session_->sts().get_caller_identity());
    }

    io::Task<void> heed_signals() {
        for (;;) {
            const auto [error, signal] = co_await signals_.async_wait(io::await_tuple);
            if (error) co_return;
            if (signal != SIGHUP) {
                log::info("agent", "Received {}, shutting down", signal == SIGTERM ? "SIGTERM" : "SIGINT");
                notifier_.stopping();
                end();
                co_return;
            }
            reload();
        }
    }

    void end() {
        ending_ = true;
        main_.stop();
    }

    void reload() {
        if (started_) notifier_.reloading();
        if (!options_.config_file) {
            log::info("agent", "Received SIGHUP: there is no configuration file to re-read");
        } else if (Result<config::Loaded> loaded = config::load(*options_.config_file); !loaded) {
            log::error("agent", "Received SIGHUP, the configuration stays as it is: {}", loaded.error().message());
        } else {
            apply(std::move(*loaded));
        }
        if (started_) notifier_.ready();
    }

    void apply(config::Loaded loaded) {
        if (options_.overlay) options_.overlay(loaded.config);
        for (const std::string& warning : loaded.warnings)
            log::warn("config", "{}", warning);
        const auto names = settings_that_need_a_restart(options_.config, loaded.config);
        log::set_level(loaded.config.log_level);
        service_->configure(cache_options(loaded.config));
        server_->set_max_connections(loaded.config.max_conn);
        log::info("agent", "Configuration re-read from {}", options_.config_file->string());
        if (!names.empty()) {
            log::warn("agent", "Changed, but in effect only after a restart: {}", fmt::join(names, ", "));
        }
        // What needs a restart is compared with what is running, also the next time.
        config::Config& running = options_.config;
        running.log_level = loaded.config.log_level;
        running.ttl = loaded.config.ttl;
        running.cache_size = loaded.config.cache_size;
        running.max_conn = loaded.config.max_conn;
        running.ignore_transient_errors = loaded.config.ignore_transient_errors;
    }

    // Alive means that every loop still turns, not only this one.
    io::Task<void> feed_watchdog(std::chrono::microseconds interval) {
        while (!ending_) {
            bool alive = co_await turns(upstream_.executor(), interval / 2);
            for (const io::Executor& worker : server_->executors()) {
                const bool this_one = co_await turns(worker, interval / 2);
                alive = alive && this_one;
            }
            if (alive) notifier_.send("WATCHDOG=1");
            co_await io::sleep_for(interval / 3);
        }
    }

    static io::Task<bool> turns(io::Executor loop, std::chrono::microseconds limit) {
        auto question = [](io::Reply<bool> reply) { reply(true); };
        const std::optional<bool> answer = co_await io::ask<bool>(loop, question, limit);
        co_return answer.has_value();
    }

    // In the order in which the parts depend on each other: no request, then no call to AWS, then no log.
    void leave() {
        // From here on a second SIGTERM or SIGINT ends the process at once, and a reload means nothing.
        signals_.clear();
        std::signal(SIGHUP, SIG_IGN);
        const bool drained = server_->stop(started_ ? kDrainLimit : 0s);
        if (!drained) log::warn("agent", "Requests were still in flight after {} s", kDrainLimit.count());
        io::asio::post(upstream_.executor(), [this] {
            token_->unwatch();
            session_->stop();
        });
        if (upstream_.drain(kUpstreamDrainLimit)) return;
        // A call to AWS does not let itself be ended. Nothing is lost by leaving it, and memory goes with the process.
        log::stop();
        if (options_.on_abandon) options_.on_abandon();
        std::_Exit(exit_code_);
    }

    AgentOptions options_;
    Notifier notifier_;
    io::asio::io_context main_{1};
    io::asio::basic_signal_set<io::Executor> signals_;
    io::Offload offload_;
    io::EventLoop upstream_{"upstream"};
    std::unique_ptr<server::TokenSource> token_;
    std::unique_ptr<aws::Session> session_;
    std::optional<secrets::SecretService> service_;
    std::unique_ptr<server::Server> server_;
    bool started_ = false;
    bool ending_ = false;
    int exit_code_ = 0;
};

}  // namespace

int run_agent(AgentOptions options) {
    const config::Config& config = options.config;
    log::info("agent", "{} logger initialized with `{}` log level.", config.log_to_file ? "File" : "Console",
              log::to_string(config.log_level));
    for (const std::string& warning : options.config_warnings)
        log::warn("config", "{}", warning);
    if (!config.prefetch.secrets.empty() || !config.prefetch.filter_tags.empty()) {
        log::warn("config", "prefetch is set: this version does not fetch secrets ahead, they are read when asked for");
    }
    // Touch the arena, so that a refusal to lock shows now.
    const SecretBytes probe("probe");
    secret_memory::warn_if_not_locked();
    const int code = Agent(std::move(options)).run();
    return code;
}

}  // namespace sma::cli
