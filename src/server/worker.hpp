// SPDX-License-Identifier: Apache-2.0
// One worker: a loop, its listeners, its connections. Once started, all but loop() and shared() belongs to its thread.
#pragma once

#include "io/event_loop.hpp"
#include "server/response.hpp"
#include "server/server.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/intrusive/list.hpp>

#include <vector>

namespace sma::server {

using Tcp = io::asio::ip::tcp;
using Socket = io::asio::basic_stream_socket<Tcp, io::Executor>;
using Acceptor = io::asio::basic_socket_acceptor<Tcp, io::Executor>;

class Session;

/// When a connection may be closed to make room for another.
enum class GivesWay : std::uint8_t {
    Never,  ///< a request is at hand, or has just arrived
    Later,  ///< half a head, a refusal that is not being read
    First,  ///< idle, and no byte waits in the socket
};

using SessionHook = boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

class Worker {
public:
    Worker(Shared& shared, std::size_t number);
    ~Worker();

    void add_listener(Acceptor acceptor) { acceptors_.push_back(std::move(acceptor)); }
    void start();

    [[nodiscard]] io::EventLoop& loop() noexcept { return loop_; }
    [[nodiscard]] Shared& shared() noexcept { return shared_; }
    [[nodiscard]] HeadWriter& heads() noexcept { return heads_; }
    [[nodiscard]] const TokenCheck& token();

    void add(Session& session);
    /// Closes the connection that costs least, the one idle longest; where that is not enough (`least` is Later), else
    /// one that is not being answered. False when there is none.
    bool make_room(GivesWay least);
    /// Closes connections that wait for an answer and whose clients have gone.
    void close_abandoned();
    /// Closes listeners, and connections that have no request at hand; the others end after it.
    void wind_down();

private:
    io::Task<void> listen(Acceptor& acceptor);
    io::Task<void> sweep();
    /// An error for the log, at most once a minute: its cause may recur a thousand times a second.
    void complain(const std::string& text);

    Shared& shared_;
    // The order is that of destruction, reversed: listeners need the loop, sessions suspended in it unlink themselves.
    boost::intrusive::list<Session, boost::intrusive::base_hook<SessionHook>,
                           boost::intrusive::constant_time_size<false>>
        sessions_;
    io::EventLoop loop_;
    std::vector<Acceptor> acceptors_;
    HeadWriter heads_;
    std::shared_ptr<const TokenCheck> token_;
    std::uint64_t token_version_ = 0;
    SteadyTime next_complaint_{};
};

}  // namespace sma::server
