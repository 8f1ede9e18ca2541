// SPDX-License-Identifier: Apache-2.0
// The service manager's protocol (sd_notify(3)), spoken directly: a datagram to $NOTIFY_SOCKET.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace sma::cli {

class Notifier {
public:
    using Environment = std::function<std::optional<std::string>(std::string_view)>;
    explicit Notifier(const Environment& environment);

    /// Sends state lines such as "READY=1"; does nothing when nobody listens.
    void send(std::string_view state) const;
    void ready() const { send("READY=1\nSTATUS=Serving secrets"); }
    /// With the monotonic time that Type=notify-reload asks for.
    void reloading() const;
    void stopping() const { send("STOPPING=1\nSTATUS=Finishing requests in flight"); }

    /// How often WATCHDOG=1 is expected, if it is.
    [[nodiscard]] std::optional<std::chrono::microseconds> watchdog() const noexcept { return watchdog_; }

private:
    std::string socket_;
    std::optional<std::chrono::microseconds> watchdog_;
};

}  // namespace sma::cli
