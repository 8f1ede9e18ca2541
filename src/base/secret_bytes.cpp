// SPDX-License-Identifier: Apache-2.0
#include "base/secret_bytes.hpp"

#include <sodium/crypto_verify_16.h>
#include <sodium/utils.h>

#include <algorithm>
#include <cstring>

namespace sma {

void SecretBytes::reserve(std::size_t capacity) {
    if (capacity <= capacity_) return;
    char* const fresh = static_cast<char*>(secret_memory::allocate(capacity));
    if (size_ != 0) std::memcpy(fresh, data_, size_);
    if (data_ != nullptr) secret_memory::deallocate(data_, capacity_);
    data_ = fresh;
    capacity_ = capacity;
}

std::span<char> SecretBytes::extend(std::size_t count) {
    if (count > capacity_ - size_) reserve(std::max(size_ + count, capacity_ + capacity_ / 2));
    const std::span<char> added(data_ + size_, count);
    size_ += count;
    return added;
}

std::span<char> SecretBytes::prepare(std::size_t count) {
    if (count > capacity_ - size_) reserve(std::max(size_ + count, capacity_ + capacity_ / 2));
    return {data_ + size_, capacity_ - size_};
}

void SecretBytes::erase_front(std::size_t count) noexcept {
    std::memmove(data_, data_ + count, size_ - count);
    truncate(size_ - count);
}

void SecretBytes::append(std::string_view bytes) {
    if (bytes.empty()) return;
    std::memcpy(extend(bytes.size()).data(), bytes.data(), bytes.size());
}

void SecretBytes::truncate(std::size_t size) noexcept {
    secret_memory::wipe(data_ + size, size_ - size);
    size_ = size;
}

void SecretBytes::clear() noexcept {
    if (data_ != nullptr) secret_memory::deallocate(data_, capacity_);
    data_ = nullptr;
    size_ = capacity_ = 0;
}

bool SecretBytes::equals(std::string_view other) const noexcept {
    if (size_ != other.size()) return false;
    const auto* const a = reinterpret_cast<const unsigned char*>(data_);
    const auto* const b = reinterpret_cast<const unsigned char*>(other.data());
    // Both are constant in time; crypto_verify_16 uses vector registers where sodium_memcmp goes byte by byte.
    int different = 0;
    std::size_t at = 0;
    for (; size_ - at >= crypto_verify_16_BYTES; at += crypto_verify_16_BYTES) {
        different |= ::crypto_verify_16(a + at, b + at);
    }
    if (at < size_) different |= ::sodium_memcmp(a + at, b + at, size_ - at);
    return different == 0;
}

}  // namespace sma
