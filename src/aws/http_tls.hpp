// SPDX-License-Identifier: Apache-2.0
// TLS settings of every connection to AWS: TLS 1.2 or later, the peer verified against the system's authorities.
//
// On the upstream loop. The authorities are read at the first https connection and not at start: OpenSSL 3 takes 20 to
// 30 ms for a system's bundle.
#pragma once

#include "aws/environment.hpp"
#include "base/result.hpp"
#include "io/offload.hpp"
#include "io/task.hpp"

#include <boost/asio/ssl/context.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace sma::aws {

using TlsContextPtr = std::shared_ptr<boost::asio::ssl::context>;

class TlsContext {
public:
    /// `bundle`: a PEM file in place of the system's own.
    TlsContext(io::Executor executor, io::Offload& offload, std::optional<std::filesystem::path> bundle);
    ~TlsContext();

    /// Made once, then shared. Connection, with what to do about it, when the authorities cannot be read; the next call
    /// tries again.
    [[nodiscard]] io::Task<Result<TlsContextPtr>> get();

private:
    struct State;
    std::shared_ptr<State> state_;
    io::Offload& offload_;
};

/// Where the operating system keeps its authorities; the first of the places that distributions use which exists.
[[nodiscard]] std::optional<std::filesystem::path> system_ca_bundle();

/// Sets the server name and what its certificate must be for. `host` is a name or an address. Connection when OpenSSL
/// does not take it: then there must be no handshake.
[[nodiscard]] Result<void> expect_host(SSL* ssl, const std::string& host);

/// Why a handshake with `host` failed, for a person.
[[nodiscard]] Error handshake_error(SSL* ssl, const std::string& host, const boost::system::error_code& error);

}  // namespace sma::aws
