// SPDX-License-Identifier: Apache-2.0
// One connection: reads heads, answers them in order, one at a time.
//
//   wait for bytes -> head complete? -> admission -> route -> from memory: answer at once
//                                                          -> else ask the service, await, answer
//
// Everything up to an answer from memory is plain functions; the coroutine awaits only readiness of the socket and the
// service. Lives on its worker's thread.
#pragma once

#include "server/query.hpp"
#include "server/worker.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace sma::server {

class Session : public SessionHook {
public:
    Session(Worker& worker, Socket socket);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    [[nodiscard]] io::Task<void> run();

    /// True between requests, when nothing of the next one has come.
    [[nodiscard]] bool idle() const noexcept { return phase_ == Phase::Idle; }
    /// Whether it may be closed to make room for another.
    [[nodiscard]] GivesWay gives_way();
    /// True while an admitted request is at hand whose answer is not out yet: what max_conn counts.
    [[nodiscard]] bool busy() const noexcept {
        return phase_ == Phase::Asking || (phase_ == Phase::Writing && admitted_);
    }
    /// Waits for an answer that its client will not read any more (or can only read, having closed its own side).
    [[nodiscard]] bool abandoned();
    /// Since when it is in its present phase.
    [[nodiscard]] SteadyTime since() const noexcept { return since_; }
    /// Ends the session: its pending wait returns.
    void close() noexcept;
    void close_if_overdue(SteadyTime now) noexcept;

private:
    enum class Phase : std::uint8_t { Idle, Reading, Asking, Writing, Lingering, Closed };
    /// What the coroutine has to do before anything can go on.
    enum class Next : std::uint8_t {
        GoOn,    ///< nothing: look at the next request
        Read,    ///< wait for bytes
        Write,   ///< wait until the socket takes more
        Ask,     ///< await the answer to pending_
        Linger,  ///< the last answer is out, the client may still be sending
        Close,
    };

    /// A question that memory could not answer, and how its answer is to be sent.
    struct Pending {
        cache::Key key;
        bool refresh_now = false;
        bool http_1_0 = false;
    };

    void enter(Phase phase) noexcept;
    [[nodiscard]] bool more_came();
    [[nodiscard]] bool fill();
    [[nodiscard]] Next answer_buffered();
    [[nodiscard]] std::string_view unread() const noexcept { return input_.reveal().substr(used_); }
    [[nodiscard]] Next step();
    [[nodiscard]] Next handle(std::string_view bytes);
    [[nodiscard]] Next look_up(const RequestHead& head, Request& request);
    [[nodiscard]] Next refuse(Malformed why);
    [[nodiscard]] Next send_text(const RequestHead& head, unsigned status, std::string_view body, bool close = false);
    [[nodiscard]] Next send_answer(const Pending& pending, const Result<secrets::Answer>& result);
    [[nodiscard]] Next send(Head head, std::string_view body, cache::ValuePtr owner = nullptr);
    [[nodiscard]] Next flush();
    [[nodiscard]] Next sent() noexcept;
    [[nodiscard]] io::Task<void> linger();

    Worker& worker_;
    Socket socket_;
    Phase phase_ = Phase::Idle;
    bool eof_ = false;
    bool admitted_ = false;      ///< the request at hand has passed admission
    bool close_after_ = false;   ///< the answer being sent is the last
    bool linger_after_ = false;  ///< ... and the client may not have finished sending
    SteadyTime since_{};
    SecretBytes input_;         ///< unread bytes of requests: they carry the token
    std::size_t used_ = 0;      ///< so many bytes of input_ have been dealt with
    std::size_t searched_ = 0;  ///< how far of the rest was searched for the end of a head
    std::optional<Pending> pending_;
    // What a full socket did not take: the rest of a head, then the rest of a body that `owner_` keeps alive.
    SecretBytes unsent_;
    std::string_view unsent_body_;
    cache::ValuePtr owner_;
};

}  // namespace sma::server
