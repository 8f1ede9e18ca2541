// SPDX-License-Identifier: Apache-2.0
// The order in which credentials are looked for when nobody says where they are: composition only.
#pragma once

#include "aws/credentials/provider.hpp"
#include "aws/settings.hpp"
#include "base/clock.hpp"

#include <memory>

namespace sma::aws {

/// botocore's order. `settings` is read here and not kept.
[[nodiscard]] std::unique_ptr<CredentialsProvider> default_chain(const Settings& settings, io::Executor executor,
                                                                 const Clock& clock);

}  // namespace sma::aws
