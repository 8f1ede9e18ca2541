// SPDX-License-Identifier: Apache-2.0
#include "cache/key.hpp"

#include <sodium/crypto_shorthash.h>

#include <array>
#include <cstdint>
#include <cstring>

namespace sma::cache {
namespace {

using HashKey = std::array<unsigned char, crypto_shorthash_KEYBYTES>;

const HashKey& hash_key() noexcept {
    static const HashKey key = [] {
        HashKey fresh{};
        ::crypto_shorthash_keygen(fresh.data());
        return fresh;
    }();
    return key;
}

std::uint64_t sip(std::string_view text) noexcept {
    std::array<unsigned char, crypto_shorthash_BYTES> out{};
    ::crypto_shorthash(out.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size(), hash_key().data());
    std::uint64_t value = 0;
    std::memcpy(&value, out.data(), sizeof value);
    return value;
}

}  // namespace

std::size_t KeyHash::operator()(const KeyView& key) const noexcept {
    std::uint64_t hash = sip(key.id);
    // Selectors are rare; an absent one and an empty one differ.
    if (key.version) hash = hash * 31 + sip(*key.version) + 1;
    if (key.stage) hash = hash * 37 + sip(*key.stage) + 2;
    return hash;
}

}  // namespace sma::cache
