// SPDX-License-Identifier: Apache-2.0
// The one interface of every credential provider.
//
// Providers live and are called on the upstream loop. A chain and a cache are providers too, wrapped around others.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret_bytes.hpp"
#include "io/task.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sma::aws {

struct Credentials {
    std::string access_key_id;
    SecretBytes secret_access_key;
    SecretBytes session_token;  ///< empty for long-term keys
    std::optional<WallTime> expiration;
    std::string source;  ///< where they come from, for a person: "environment", "profile default in ~/.aws/credentials"
};

/// Shared and immutable: a refresh makes new ones.
using CredentialsPtr = std::shared_ptr<const Credentials>;

class CredentialsProvider {
public:
    virtual ~CredentialsProvider() = default;

    /// botocore's name of the provider, such as "env" or "shared-credentials-file".
    [[nodiscard]] virtual std::string_view name() const noexcept = 0;

    /// Credentials; null when this provider has nothing to say (the next in a chain is asked); an error when it is
    /// configured and fails, which ends a chain.
    [[nodiscard]] virtual io::Task<Result<CredentialsPtr>> get() = 0;

    /// AWS says that these are no longer good: what keeps a copy of them asks its source again. Cheap, never waits.
    virtual void forget(const CredentialsPtr& refused) { static_cast<void>(refused); }

    /// Ends what goes on in the background, so that the loop can end. On the loop.
    virtual void stop() {}
};

}  // namespace sma::aws
