// SPDX-License-Identifier: Apache-2.0
// What the emulator answers to a request: routing, authentication, the operations. No sockets.
//
// All state of the emulator is in here. Not thread-safe. Nothing throws but std::bad_alloc.
#pragma once

#include "base/clock.hpp"
#include "emulator/accounts.hpp"
#include "emulator/http.hpp"
#include "emulator/store.hpp"

#include <string>

namespace sma::emulator {

constexpr std::size_t kBodyLimit = 1024 * 1024;

class Service {
public:
    Service(const Clock& clock, const std::string& region, const std::string& account)
        : clock_(clock), store_(clock, region, account), accounts_(region, account) {}

    [[nodiscard]] Response handle(const Request& request);
    /// For what the HTTP parser refuses: too large a body or header, bytes that are no HTTP.
    [[nodiscard]] Response refusal(unsigned status) const;

    [[nodiscard]] Store& store() noexcept { return store_; }
    [[nodiscard]] Accounts& accounts() noexcept { return accounts_; }

private:
    [[nodiscard]] Response secrets_manager(const Request& request, std::string_view operation);
    [[nodiscard]] Response sts(const Request& request, std::string_view request_id);
    void finish(Response& response, std::string_view request_id) const;

    const Clock& clock_;
    Store store_;
    Accounts accounts_;
};

}  // namespace sma::emulator
