// SPDX-License-Identifier: Apache-2.0
// UTF-8, made well-formed. Pure, any thread.
#pragma once

#include <string>

namespace sma {

/// `text` with every maximal ill-formed sequence replaced by U+FFFD (Unicode 15, 3.9).
[[nodiscard]] std::string to_utf8(std::string text);

}  // namespace sma
