// SPDX-License-Identifier: Apache-2.0
// Credentials that were given, and the check that every source's keys pass.
#pragma once

#include "aws/credentials/provider.hpp"

namespace sma::aws {

/// NoCredentials when a part cannot be sent in a header, or is missing; the message says which and never its text.
[[nodiscard]] Result<CredentialsPtr> make_credentials(Credentials credentials);

class StaticProvider final : public CredentialsProvider {
public:
    explicit StaticProvider(CredentialsPtr credentials) : credentials_(std::move(credentials)) {}
    [[nodiscard]] std::string_view name() const noexcept override { return "explicit"; }
    [[nodiscard]] io::Task<Result<CredentialsPtr>> get() override { co_return credentials_; }

private:
    CredentialsPtr credentials_;
};

}  // namespace sma::aws
