// SPDX-License-Identifier: Apache-2.0
// Who may call the emulator: access keys, roles, and the temporary keys that AssumeRole hands out.
//
// Pure state, no time of its own. Pointers handed out stay valid as long as the Accounts, except that a temporary key
// may be forgotten by a later issue(). Not thread-safe.
#pragma once

#include "aws/credentials/provider.hpp"
#include "base/clock.hpp"
#include "base/secret_bytes.hpp"

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sma::emulator {

struct Role {
    std::string arn;
    bool allowed = true;
    std::optional<std::string> external_id{};   ///< AssumeRole must name it
    std::vector<std::string> denied_secrets{};  ///< names or ARNs; a '*' at the end matches any rest
    std::string id{};                           ///< "AROA...", made by add_role()
};

struct Identity {
    std::string arn;
    std::string user_id;
    const Role* role = nullptr;  ///< the role that was assumed, or null for a user
};

struct AccessKey {
    SecretBytes secret;
    SecretBytes session_token;  ///< empty: a long-term key
    Identity identity;
    std::optional<WallTime> expires{};
};

/// What AssumeRole answers.
struct TemporaryKey {
    std::string id;
    const AccessKey* key;
};

class Accounts {
public:
    Accounts(std::string_view region, std::string account);

    /// `arn` empty: the user "developer". False when the id is known already.
    [[nodiscard]] bool add_key(std::string id, SecretBytes secret, SecretBytes session_token, std::string arn);
    /// False when the role is known already.
    [[nodiscard]] bool add_role(Role role);
    [[nodiscard]] bool has_keys() const noexcept { return !keys_.empty(); }

    /// A copy of the first key in order of ids, for a client of this process's own; null when there is none.
    [[nodiscard]] aws::CredentialsPtr any_key(std::string source) const;
    [[nodiscard]] const AccessKey* find_key(std::string_view id) const;
    [[nodiscard]] const Role* find_role(std::string_view arn) const;
    [[nodiscard]] const std::string& account() const noexcept { return account_; }

    [[nodiscard]] TemporaryKey issue(const Role& role, std::string_view session_name, WallTime expires);

private:
    std::string partition_;
    std::string account_;
    std::map<std::string, AccessKey, std::less<>> keys_;
    std::map<std::string, Role, std::less<>> roles_;
    std::deque<std::string> issued_;  // oldest first; bounded, so that a loop of AssumeRole calls cannot fill memory
};

}  // namespace sma::emulator
