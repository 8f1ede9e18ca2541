// SPDX-License-Identifier: Apache-2.0
// Stands in a chain for a provider that this version does not have: says so instead of silently using other
// credentials.
#pragma once

#include "aws/credentials/provider.hpp"

#include <optional>
#include <string>

namespace sma::aws {

class UnsupportedProvider final : public CredentialsProvider {
public:
    /// `configured_by`: the setting that asks for the provider, such as "role_arn of profile p", or nullopt.
    UnsupportedProvider(std::string_view name, std::optional<std::string> configured_by);
    [[nodiscard]] std::string_view name() const noexcept override { return name_; }
    [[nodiscard]] io::Task<Result<CredentialsPtr>> get() override;

private:
    std::string_view name_;
    std::optional<std::string> configured_by_;
};

}  // namespace sma::aws
