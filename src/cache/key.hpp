// SPDX-License-Identifier: Apache-2.0
// What a caller asks a cache for: an id, and which version of it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sma::cache {

/// Borrowed; for look-ups that must not allocate.
struct KeyView {
    std::string_view id;
    std::optional<std::string_view> version;
    std::optional<std::string_view> stage;

    friend bool operator==(const KeyView&, const KeyView&) = default;
};

struct Key {
    std::string id;
    std::optional<std::string> version;
    std::optional<std::string> stage;

    Key() = default;
    explicit Key(const KeyView& view) : id(view.id), version(view.version), stage(view.stage) {}
    Key(std::string id_, std::optional<std::string> version_, std::optional<std::string> stage_)
        : id(std::move(id_)), version(std::move(version_)), stage(std::move(stage_)) {}

    [[nodiscard]] KeyView view() const noexcept { return {id, version, stage}; }
    /// The same selection of another id.
    [[nodiscard]] Key with_id(std::string other) const { return {std::move(other), version, stage}; }
};

/// A key whose hash is known, for a look-up that needs it twice.
struct HashedKey {
    KeyView view;
    std::size_t hash;
};

/// SipHash-2-4 under a key drawn at start: ids come from callers, who must not be able to aim for one bucket.
struct KeyHash {
    using is_transparent = void;
    [[nodiscard]] std::size_t operator()(const KeyView& key) const noexcept;
    [[nodiscard]] std::size_t operator()(const Key& key) const noexcept { return (*this)(key.view()); }
    [[nodiscard]] std::size_t operator()(const HashedKey& key) const noexcept { return key.hash; }
};

struct KeyEqual {
    using is_transparent = void;
    [[nodiscard]] bool operator()(const Key& a, const Key& b) const noexcept { return a.view() == b.view(); }
    [[nodiscard]] bool operator()(const HashedKey& a, const Key& b) const noexcept { return a.view == b.view(); }
    [[nodiscard]] bool operator()(const Key& a, const HashedKey& b) const noexcept { return a.view() == b.view; }
};

}  // namespace sma::cache
