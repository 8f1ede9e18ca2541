// SPDX-License-Identifier: Apache-2.0
#include "server/session.hpp"

#include "base/log.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

namespace sma::server {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kReadRoom = 2048;
constexpr std::size_t kKeptRoom = 16 * 1024;  // a larger buffer is not kept by an idle connection
constexpr auto kLingerLimit = 2s;
constexpr std::size_t kLingerBytes = 1024 * 1024;
// Beyond max_conn, so many more connections may still be asked whether the agent lives.
constexpr std::size_t kPingExtra = 2;

bool would_block(int error) noexcept {
    return error == EAGAIN || error == EWOULDBLOCK;
}

}  // namespace

Session::Session(Worker& worker, Socket socket) : worker_(worker), socket_(std::move(socket)) {
    ++worker_.shared().open;
    enter(Phase::Idle);
    worker_.add(*this);
}

Session::~Session() {
    close();
}

void Session::close() noexcept {
    if (phase_ == Phase::Closed) return;
    enter(Phase::Closed);
    --worker_.shared().open;
    boost::system::error_code ignored;
    socket_.close(ignored);
}

GivesWay Session::gives_way() {
    if (busy() || phase_ == Phase::Closed) return GivesWay::Never;
    if (!idle()) return GivesWay::Later;
    char byte = 0;
    const ssize_t got = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got < 0 && would_block(errno) ? GivesWay::First : GivesWay::Never;
}

bool Session::abandoned() {
    char byte = 0;
    return phase_ == Phase::Asking && ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

bool Session::more_came() {
    int waiting = 0;
    return !unread().empty() || (::ioctl(socket_.native_handle(), FIONREAD, &waiting) == 0 && waiting > 0);
}

void Session::close_if_overdue(SteadyTime now) noexcept {
    const Options& options = worker_.shared().options;
    const auto in_phase = now - since_;
    const bool overdue = (phase_ == Phase::Idle && in_phase > options.idle_limit) ||
                         (phase_ == Phase::Reading && in_phase > options.header_limit) ||
                         (phase_ == Phase::Writing && in_phase > options.write_limit) ||
                         (phase_ == Phase::Lingering && in_phase > kLingerLimit);
    if (overdue) close();
}

void Session::enter(Phase phase) noexcept {
    const bool was_busy = busy();
    phase_ = phase;
    if (busy() && !was_busy) ++worker_.shared().busy;
    if (!busy() && was_busy) --worker_.shared().busy;
    since_ = worker_.shared().clock.steady_now();
}

io::Task<void> Session::run() {
    Next next = Next::GoOn;
    while (phase_ != Phase::Closed) {
        switch (next) {
        case Next::GoOn:
            next = step();
            break;
        case Next::Read: {
            if (eof_ || worker_.shared().stopping) co_return;
            const auto [error] = co_await socket_.async_wait(Socket::wait_read, io::await_tuple);
            next = !error && phase_ != Phase::Closed && fill() ? Next::GoOn : Next::Close;
            break;
        }
        case Next::Write: {
            const auto [error] = co_await socket_.async_wait(Socket::wait_write, io::await_tuple);
            next = !error && phase_ != Phase::Closed ? flush() : Next::Close;
            break;
        }
        case Next::Ask: {
            enter(Phase::Asking);
            Pending pending = std::move(*pending_);
            pending_.reset();
            const Result<secrets::Answer> answer = co_await worker_.shared().service.ask(
                std::move(pending.key), pending.refresh_now, worker_.shared().options.request_limit);
            next = phase_ != Phase::Closed ? send_answer(pending, answer) : Next::Close;
            break;
        }
        case Next::Linger:
            co_await linger();
            co_return;
        case Next::Close:
            co_return;
        }
    }
}

bool Session::fill() {
    const std::span<char> room = input_.prepare(kReadRoom);
    const ssize_t got = ::recv(socket_.native_handle(), room.data(), room.size(), MSG_DONTWAIT);
    if (got > 0)
        input_.commit(static_cast<std::size_t>(got));
    else if (got == 0)
        eof_ = true;
    else
        return would_block(errno) || errno == EINTR;
    return true;
}

Session::Next Session::step() {
    const Next next = answer_buffered();
    // Once for all the requests that came together, so that a pipeline costs no more than its length.
    if (used_ != 0) input_.erase_front(std::exchange(used_, 0));
    if (input_.empty() && input_.capacity() > kKeptRoom) input_.clear();
    return next;
}

Session::Next Session::answer_buffered() {
    for (;;) {
        // Empty lines before a request line are to be ignored (RFC 9112, 2.2).
        used_ += std::min(unread().find_first_not_of("\r\n"), unread().size());
        const std::string_view bytes = unread();
        const bool first_look = searched_ == 0;
        const std::size_t size = find_head(bytes, searched_);
        if (size > kMaxHead || (size == 0 && bytes.size() > kMaxHead)) return refuse(Malformed::HeadTooLarge);
        if (size == 0) {
            // The time limit of a head runs from its first byte, not from its last; that of idling from the last
            // answer.
            const Phase phase = bytes.empty() ? Phase::Idle : Phase::Reading;
            if (phase_ != phase || (first_look && phase == Phase::Reading)) enter(phase);
            return Next::Read;
        }
        if (phase_ == Phase::Idle) phase_ = Phase::Reading;
        used_ += size;
        searched_ = 0;
        const Next next = handle(bytes.substr(0, size));
        if (next != Next::GoOn) return next;
    }
}

Session::Next Session::handle(std::string_view bytes) {
    Shared& shared = worker_.shared();
    RequestHead head;
    if (const Malformed why = parse_head(bytes, worker_.token(), head); why != Malformed::No) return refuse(why);
    Target target;
    if (!split_target(head.target, target)) return refuse(Malformed::BadRequest);
    close_after_ = !head.keep_alive || head.body || shared.stopping;
    linger_after_ = head.body;
    admitted_ = false;

    // The limit counts requests at hand: connections that are idle or have sent half a head cost nobody an answer.
    const std::size_t limit = shared.max_connections.load(std::memory_order_relaxed);
    if (shared.busy >= limit) worker_.close_abandoned();
    if (shared.busy >= limit && (target.path != "/ping" || shared.busy >= limit + kPingExtra)) {
        log::warn("server", "Rejecting request: connection limit exceeded (max_conn = {})", limit);
        return send_text(head, 429, "Connection limit exceeded", true);
    }
    if (const Refusal refusal = shared.admission.check(head, target)) {
        log::error("server", "{}", refusal.reason);
        return send_text(head, refusal.status, refusal.body);
    }
    admitted_ = true;
    Request request;
    interpret(target, shared.options.path_prefix, request);
    switch (request.route) {
    case Route::Ping:
        return send_text(head, 200, "healthy");
    case Route::Secret:
        return look_up(head, request);
    case Route::None:
        log::warn("server", "Rejecting request: no such route");
        return send_text(head, 404, "Not found");
    }
    return Next::Close;
}

Session::Next Session::look_up(const RequestHead& head, Request& request) {
    if (!request.complaint.empty()) {
        // Without what the client sent: a secret in the wrong place must not end up in the log.
        const bool named = request.complaint.starts_with(kUnknownParameter);
        log::warn("server", "Rejecting request: {}", named ? kUnknownParameter : std::string_view(request.complaint));
        return send_text(head, 400, request.complaint);
    }
    if (request.role) {
        log::warn("server", "Rejecting request: this version does not assume roles");
        const std::string body = error_body("UnsupportedOperation", "This version of the agent does not assume roles; "
                                                                    "leave out roleArn.");
        return send({.status = 400, .type = ContentType::Json, .http_1_0 = head.http_1_0}, body);
    }
    if (auto answer = worker_.shared().service.from_memory(request.question)) {
        const std::string_view body = answer->value->body.reveal();
        return send({.type = ContentType::Json, .http_1_0 = head.http_1_0, .answer = &*answer}, body,
                    std::move(answer->value));
    }
    pending_.emplace(Pending{.key = secrets::SecretService::key_of(request.question),
                             .refresh_now = request.question.refresh_now,
                             .http_1_0 = head.http_1_0});
    return Next::Ask;
}

Session::Next Session::send_answer(const Pending& pending, const Result<secrets::Answer>& result) {
    if (worker_.shared().stopping) close_after_ = true;
    if (result) {
        return send({.type = ContentType::Json, .http_1_0 = pending.http_1_0, .answer = &*result},
                    result->value->body.reveal(), result->value);
    }
    const ErrorResponse response = to_response(result.error());
    return send({.status = response.status, .type = ContentType::Json, .http_1_0 = pending.http_1_0}, response.body);
}

Session::Next Session::refuse(Malformed why) {
    unsigned status = 400;
    if (why == Malformed::TargetTooLong) status = 414;
    if (why == Malformed::HeadTooLarge) status = 431;
    log::warn("server", "Rejecting request: malformed, answered {}", status);
    close_after_ = linger_after_ = true;
    return send({.status = status}, {});
}

Session::Next Session::send_text(const RequestHead& head, unsigned status, std::string_view body, bool close) {
    close_after_ |= close;
    const bool head_only = head.method == "HEAD";
    Head out{.status = status, .type = ContentType::Text, .content_length = body.size(), .http_1_0 = head.http_1_0};
    return send(out, head_only ? std::string_view() : body);
}

Session::Next Session::send(Head head, std::string_view body, cache::ValuePtr owner) {
    head.close = close_after_;
    if (head.content_length == 0) head.content_length = body.size();
    const std::string_view head_bytes = worker_.heads().write(head);
    // Both parts in one call, tried at once: a socket that has just delivered a request nearly always takes its answer.
    // The kernel only reads from them; iovec has no const form.
    std::array<iovec, 2> parts{iovec{const_cast<char*>(head_bytes.data()), head_bytes.size()},
                               iovec{const_cast<char*>(body.data()), body.size()}};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    const ssize_t result = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (result < 0 && !would_block(errno) && errno != EINTR) return Next::Close;
    const std::size_t done = result < 0 ? 0 : static_cast<std::size_t>(result);
    if (done == head_bytes.size() + body.size()) return sent();

    unsent_ = SecretBytes(head_bytes.substr(std::min(done, head_bytes.size())));
    unsent_body_ = body.substr(done - std::min(done, head_bytes.size()));
    owner_ = std::move(owner);
    if (!owner_) {  // the body dies with the caller
        unsent_.append(unsent_body_);
        unsent_body_ = {};
    }
    enter(Phase::Writing);
    return Next::Write;
}

Session::Next Session::flush() {
    while (!unsent_.empty() || !unsent_body_.empty()) {
        const std::string_view part = unsent_.empty() ? unsent_body_ : unsent_.reveal();
        const ssize_t result = ::send(socket_.native_handle(), part.data(), part.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (result < 0) return would_block(errno) || errno == EINTR ? Next::Write : Next::Close;
        since_ = worker_.shared().clock.steady_now();  // the client is reading: its time starts anew
        const auto done = static_cast<std::size_t>(result);
        if (unsent_.empty())
            unsent_body_.remove_prefix(done);
        else
            unsent_.erase_front(done);
    }
    unsent_.clear();
    owner_.reset();
    return sent();
}

Session::Next Session::sent() noexcept {
    if (!close_after_) {
        if (phase_ != Phase::Reading) enter(Phase::Reading);
        return Next::GoOn;
    }
    return linger_after_ || more_came() ? Next::Linger : Next::Close;
}

io::Task<void> Session::linger() {
    // Closing with unread bytes in the socket would reset the connection, and the client might never see the answer.
    enter(Phase::Lingering);
    boost::system::error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
    std::array<char, 4096> sink;  // NOLINT(cppcoreguidelines-pro-type-member-init): written before it is read
    for (std::size_t total = 0; total < kLingerBytes;) {
        const ssize_t got = ::recv(socket_.native_handle(), sink.data(), sink.size(), MSG_DONTWAIT);
        if (got > 0) {
            total += static_cast<std::size_t>(got);
            continue;
        }
        if (got == 0 || !would_block(errno) || worker_.shared().stopping) break;
        const auto [error] = co_await socket_.async_wait(Socket::wait_read, io::await_tuple);
        if (error || phase_ == Phase::Closed) break;
    }
    secret_memory::wipe(sink.data(), sink.size());
}

}  // namespace sma::server
