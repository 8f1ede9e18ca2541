// SPDX-License-Identifier: Apache-2.0
#include "server/worker.hpp"

#include "base/log.hpp"
#include "io/spawn.hpp"
#include "io/timer.hpp"
#include "server/session.hpp"

#include <boost/asio/post.hpp>

namespace sma::server {
namespace {

using namespace std::chrono_literals;

constexpr auto kSweepInterval = 500ms;
constexpr auto kAcceptPause = 50ms;
constexpr std::chrono::minutes kComplaintInterval{1};
// Connections that are neither idle nor counted by max_conn: half-sent heads, /ping, those that are told 429.
constexpr std::size_t kSpareConnections = 64;

// NOLINTNEXTLINE(cppcoreguidelines-avoid-reference-coroutine-parameters): the worker outlives its loop, which runs this
io::Task<void> serve(Worker& worker, Socket socket) {
    try {
        Session session(worker, std::move(socket));
        co_await session.run();
    } catch (const std::bad_alloc&) {
        log::error("server", "Closing a connection: out of memory");
    }
}

}  // namespace

Worker::Worker(Shared& shared, std::size_t number) : shared_(shared), loop_("worker-" + std::to_string(number)) {}

Worker::~Worker() = default;

void Worker::start() {
    for (Acceptor& acceptor : acceptors_)
        io::spawn(loop_.executor(), "listener", listen(acceptor));
    io::spawn(loop_.executor(), "sweep", sweep());
    loop_.start();
}

const TokenCheck& Worker::token() {
    if (const std::uint64_t version = shared_.token.version(); version != token_version_) {
        token_ = shared_.token.current();
        token_version_ = version;
    }
    return *token_;
}

void Worker::add(Session& session) {
    sessions_.push_back(session);
}

// NOLINTNEXTLINE(cppcoreguidelines-avoid-reference-coroutine-parameters): one of acceptors_
io::Task<void> Worker::listen(Acceptor& acceptor) {
    while (!shared_.stopping) {
        auto [error, socket] = co_await acceptor.async_accept(io::await_tuple);
        if (shared_.stopping || error == io::asio::error::operation_aborted) co_return;
        if (error == io::asio::error::connection_aborted) continue;
        if (error) {
            // Out of descriptors or memory: the connection stays in the kernel's queue. Make room, and wait.
            complain("Cannot accept connections, trying on: " + os_error_text(error.value()));
            make_room(GivesWay::Later);
            co_await io::sleep_for(kAcceptPause);
            continue;
        }
        const std::size_t limit = shared_.max_connections;
        const bool full = shared_.open >= limit + kSpareConnections;
        const GivesWay least = full ? GivesWay::Later : GivesWay::First;
        if (shared_.open >= limit && !make_room(least)) {
            for (const auto& other : shared_.workers) {
                if (other.get() == this) continue;
                io::asio::post(other->loop().executor(), [peer = other.get(), least] { peer->make_room(least); });
            }
            if (full) {
                complain("Closing a new connection: too many are open");
                continue;  // the socket closes here
            }
        }
        io::spawn(loop_.executor(), "session", serve(*this, std::move(socket)));
    }
}

io::Task<void> Worker::sweep() {
    for (;;) {
        co_await io::sleep_for(kSweepInterval);
        const SteadyTime now = shared_.clock.steady_now();
        for (auto at = sessions_.begin(); at != sessions_.end();)
            (at++)->close_if_overdue(now);
    }
}

void Worker::complain(const std::string& text) {
    const SteadyTime now = shared_.clock.steady_now();
    if (now < next_complaint_) return;
    log::error("server", "{}", text);
    next_complaint_ = now + kComplaintInterval;
}

bool Worker::make_room(GivesWay least) {
    Session* choice = nullptr;
    auto best = GivesWay::Never;
    for (Session& session : sessions_) {
        const GivesWay when = session.gives_way();
        if (when < least) continue;
        if (when > best || (when == best && session.since() < choice->since())) {
            choice = &session;
            best = when;
        }
    }
    if (choice != nullptr) choice->close();
    return choice != nullptr;
}

void Worker::close_abandoned() {
    for (auto at = sessions_.begin(); at != sessions_.end();) {
        Session& session = *at++;
        if (session.abandoned()) session.close();
    }
}

void Worker::wind_down() {
    for (Acceptor& acceptor : acceptors_) {
        boost::system::error_code ignored;
        acceptor.close(ignored);
    }
    for (auto at = sessions_.begin(); at != sessions_.end();) {
        Session& session = *at++;
        if (!session.busy()) session.close();
    }
}

}  // namespace sma::server
