// SPDX-License-Identifier: Apache-2.0
// Result<T>: a T or an Error, which the compiler does not let you drop.
#pragma once

#include "base/error.hpp"

#include <expected>

namespace sma {

// A class of its own: [[nodiscard]] on a class also catches a dropped `co_await f();`, which plain std::expected does
// not.
template <class T>
class [[nodiscard]] Result : public std::expected<T, Error> {
public:
    using std::expected<T, Error>::expected;
};

/// `return fail(ErrorKind::System, "cannot read FILE: ...");`
[[nodiscard]] inline std::unexpected<Error> fail(ErrorKind kind, std::string message) {
    return std::unexpected<Error>(std::in_place, kind, std::move(message));
}

[[nodiscard]] inline std::unexpected<Error> fail(Error error) {
    return std::unexpected<Error>(std::move(error));
}

}  // namespace sma
