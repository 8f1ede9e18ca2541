// SPDX-License-Identifier: Apache-2.0
// Loads the cache from AWS Secrets Manager: GetSecretValue for what is missing, DescribeSecret first for what expired.
#pragma once

#include "aws/secrets_manager.hpp"
#include "cache/loader.hpp"

#include <string>

namespace sma::secrets {

/// What Secrets Manager answers when neither version nor stage is asked for.
inline constexpr const char* kDefaultStage = "AWSCURRENT";

/// What an error of Secrets Manager means for a cached value (DESIGN: trouble at AWS is bridged, a definite no is
/// obeyed).
[[nodiscard]] cache::Disposition disposition(const Error& error);

/// Whether `value`, cached for `key`, is still what GetSecretValue would answer, by the table of the reference: a
/// version id has to exist; a stage, AWSCURRENT when none was asked for, has to be on the cached (or asked) version.
[[nodiscard]] bool is_current(const cache::Key& key, const cache::Value& value,
                              const aws::SecretDescription& description);

class Loader final : public cache::Loader {
public:
    explicit Loader(aws::SecretsManager& secrets_manager) : secrets_manager_(secrets_manager) {}
    /// "arn:PARTITION:secretsmanager:REGION:ACCOUNT:secret:", where it is known before the first answer.
    void set_home(std::string home) { home_ = std::move(home); }
    [[nodiscard]] io::Task<cache::Loaded> load(cache::Key key, cache::ValuePtr previous) override;

private:
    [[nodiscard]] io::Task<cache::Loaded> get(cache::Key key);
    [[nodiscard]] std::vector<std::string> aliases_of(const std::string& asked, const aws::SecretValue& value);

    aws::SecretsManager& secrets_manager_;
    /// What comes before the name in the ARN of a secret that can be asked for by name; else learnt from the first
    /// answer to a question by name.
    std::string home_;
};

}  // namespace sma::secrets
