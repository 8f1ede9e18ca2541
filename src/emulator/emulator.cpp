// SPDX-License-Identifier: Apache-2.0
#include "emulator/emulator.hpp"

#include "base/log.hpp"
#include "emulator/seeds.hpp"
#include "emulator/session.hpp"
#include "io/spawn.hpp"
#include "io/timer.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/address_v4.hpp>

namespace sma::emulator {

namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using Acceptor = asio::basic_socket_acceptor<tcp, io::Executor>;

constexpr std::chrono::milliseconds kAcceptPause{50};

struct Listener {
    explicit Listener(io::Executor executor) : acceptor(executor) {}
    Acceptor acceptor;
};

/// Accepts until the acceptor closes. Out of descriptors is no reason to stop: it waits for some to come back.
io::Task<void> accept_connections(std::shared_ptr<Core> core, std::shared_ptr<Listener> listener) {
    const io::Executor executor = listener->acceptor.get_executor();
    while (!core->stopped) {
        auto [error, socket] = co_await listener->acceptor.async_accept(io::await_tuple);
        if (core->stopped) co_return;
        if (error) {
            log::warn("emulator", "Cannot accept a connection: {}", error.message());
            co_await io::sleep_for(kAcceptPause);
            continue;
        }
        io::spawn(executor, "emulator connection", serve_connection(core, std::move(socket)));
    }
}

class LoopbackEmulator final : public Emulator {
public:
    LoopbackEmulator(std::shared_ptr<Core> core, std::shared_ptr<Listener> listener, std::uint16_t port,
                     std::string example)
        : core_(std::move(core)), listener_(std::move(listener)), port_(port), example_(std::move(example)) {}
    ~LoopbackEmulator() override { stop_all(); }

    [[nodiscard]] std::uint16_t port() const noexcept override { return port_; }
    [[nodiscard]] std::string example_secret() const override { return example_; }
    [[nodiscard]] aws::CredentialsPtr agent_credentials() const override {
        return core_->service.accounts().any_key("development backend");
    }
    void stop() override { stop_all(); }

private:
    void stop_all() {
        core_->stopped = true;
        boost::system::error_code ignored;
        listener_->acceptor.close(ignored);
        for (Socket* connection : core_->connections)
            connection->close(ignored);
    }

    std::shared_ptr<Core> core_;
    std::shared_ptr<Listener> listener_;
    std::uint16_t port_;
    std::string example_;
};

/// The built-in secrets; their role is one of the emulated account.
Result<std::string> load_default_seeds(Service& service, const std::string& account) {
    constexpr std::string_view written = "123456789012";
    std::string text(kDefaultSeeds);
    text.replace(text.find(written), written.size(), account);
    return load_seeds(service, text, SeedFormat::Toml, "default secrets");
}

Result<std::uint16_t> listen(Acceptor& acceptor, std::uint16_t port) {
    const tcp::endpoint endpoint(asio::ip::address_v4::loopback(), port);
    boost::system::error_code error;
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
        return fail(ErrorKind::System,
                    "cannot listen on 127.0.0.1:" + std::to_string(port) + ": " + os_error_text(error.value()));
    }
    return acceptor.local_endpoint(error).port();
}

}  // namespace

Result<std::unique_ptr<Emulator>> Emulator::create(io::Executor executor, const Options& options, const Clock& clock) {
    auto core = std::make_shared<Core>(clock, options.region, options.account);
    auto example = options.seeds ? load_seed_file(core->service, *options.seeds)
                                 : load_default_seeds(core->service, options.account);
    if (!example) return fail(std::move(example.error()));
    auto listener = std::make_shared<Listener>(executor);
    const auto port = listen(listener->acceptor, options.port);
    if (!port) return fail(port.error());
    log::warn("emulator", "Emulating AWS on http://127.0.0.1:{}: for development only, never for real secrets", *port);
    io::spawn(executor, "emulator listener", accept_connections(core, listener));
    return std::make_unique<LoopbackEmulator>(std::move(core), std::move(listener), *port, std::move(*example));
}

}  // namespace sma::emulator
