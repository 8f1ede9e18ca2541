// SPDX-License-Identifier: Apache-2.0
// Where a cache gets its values from.
#pragma once

#include "base/result.hpp"
#include "cache/entry.hpp"
#include "io/task.hpp"

#include <variant>

namespace sma::cache {

/// What a failure means for a value that is already cached.
enum class Disposition : std::uint8_t {
    Transient,  ///< the source is in trouble: the old value may be served, for a while
    Definite,   ///< the source says no: the old value must go
    Other,      ///< neither: the caller gets the error, the old value stays as it is
};

struct Failure {
    Error error;
    Disposition disposition;
};

/// The previous value is still the current one.
struct Unchanged {};

/// A value, and other ids than its identity that mean it now.
struct Fresh {
    ValuePtr value;
    std::vector<std::string> aliases;
};

using Loaded = std::variant<Fresh, Unchanged, Failure>;

class Loader {
public:
    virtual ~Loader() = default;
    /// Loads what `key` asks for. With `previous`, may find that it is still current, which can be cheaper. Runs on the
    /// cache's own loop.
    [[nodiscard]] virtual io::Task<Loaded> load(Key key, ValuePtr previous) = 0;
};

}  // namespace sma::cache
