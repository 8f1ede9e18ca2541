// SPDX-License-Identifier: Apache-2.0
// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN (or, older, AWS_SECURITY_TOKEN).
#pragma once

#include "aws/credentials/provider.hpp"
#include "aws/environment.hpp"
#include "base/clock.hpp"

namespace sma::aws {

/// Reads the variables at each get(): with AWS_CREDENTIAL_EXPIRATION they may have been renewed.
class EnvironmentProvider final : public CredentialsProvider {
public:
    EnvironmentProvider(Environment environment, const Clock& clock);
    [[nodiscard]] std::string_view name() const noexcept override { return "env"; }
    /// Nothing without AWS_ACCESS_KEY_ID; an error when the secret key is missing or the expiration has passed.
    [[nodiscard]] io::Task<Result<CredentialsPtr>> get() override;

private:
    Environment environment_;
    const Clock& clock_;
};

}  // namespace sma::aws
