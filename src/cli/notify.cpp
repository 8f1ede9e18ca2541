// SPDX-License-Identifier: Apache-2.0
#include "cli/notify.hpp"

#include <charconv>
#include <cstddef>
#include <cstring>
#include <ctime>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace sma::cli {
namespace {

std::optional<std::uint64_t> number(const std::optional<std::string>& text) {
    if (!text) return std::nullopt;
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
    return value;
}

}  // namespace

Notifier::Notifier(const Environment& environment) : socket_(environment("NOTIFY_SOCKET").value_or("")) {
    const auto interval = number(environment("WATCHDOG_USEC"));
    const auto pid = number(environment("WATCHDOG_PID"));
    const bool meant_for_us = !pid || *pid == static_cast<std::uint64_t>(::getpid());
    if (interval && *interval > 0 && meant_for_us) watchdog_ = std::chrono::microseconds(*interval);
}

void Notifier::send(std::string_view state) const {
    sockaddr_un address{};
    if (socket_.empty() || socket_.size() >= sizeof address.sun_path) return;
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, socket_.data(), socket_.size());
    if (address.sun_path[0] == '@') address.sun_path[0] = '\0';  // the abstract namespace
    const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return;
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
    // A watchdog's sign of life may be lost; the others wait for room in the manager's queue, as sd_notify(3) does.
    const int flags = MSG_NOSIGNAL | (state.starts_with("WATCHDOG") ? MSG_DONTWAIT : 0);
    ::sendto(fd, state.data(), state.size(), flags, reinterpret_cast<const sockaddr*>(&address), size);
    ::close(fd);
}

void Notifier::reloading() const {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    const std::int64_t usec = std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
    send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(usec));
}

}  // namespace sma::cli
