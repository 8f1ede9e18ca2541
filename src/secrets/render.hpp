// SPDX-License-Identifier: Apache-2.0
// The reference's success body: compact JSON, keys in a fixed order. Pure functions, thread-safe.
#pragma once

#include "aws/secrets_manager.hpp"
#include "base/secret_bytes.hpp"

#include <string>

namespace sma::secrets {

/// `{"ARN":...,"Name":...,"VersionId":...[,"SecretString":...][,"SecretBinary":...][,"VersionStages":[...]],
/// "CreatedDate":...}`: ARN, Name, VersionId and CreatedDate are null when AWS did not send them, the others are
/// omitted.
[[nodiscard]] SecretBytes render(const aws::SecretValue& value);

/// Seconds since 1970 as the shortest decimal that reads back to the same double: no exponent, no trailing ".0".
[[nodiscard]] std::string created_date_text(double seconds);

}  // namespace sma::secrets
