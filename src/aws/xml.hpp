// SPDX-License-Identifier: Apache-2.0
// The little XML that STS speaks: texts of elements, found by name. Not thread-safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace sma::aws::xml {

/// A parsed document; one that is not XML is empty.
class Document {
public:
    explicit Document(std::string_view text);
    ~Document();
    Document(const Document&) = delete;
    Document& operator=(const Document&) = delete;

    [[nodiscard]] bool ok() const noexcept;
    /// The trimmed text of the first `child` element directly within a `parent` element, wherever that stands and
    /// whatever their namespaces; empty when there is none.
    [[nodiscard]] std::string text(std::string_view parent, std::string_view child) const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace sma::aws::xml
