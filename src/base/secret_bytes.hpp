// SPDX-License-Identifier: Apache-2.0
// SecretBytes: the type of every secret value, token and private key in this program.
//
// Lives in secret_memory, is moved and never copied by accident (copy() is a word), and can be neither streamed nor
// formatted: logging one does not compile. Not thread-safe for writing; a const one may be read from any thread.
#pragma once

#include "base/secret_memory.hpp"

#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

namespace sma {

class SecretBytes {
public:
    SecretBytes() noexcept = default;
    explicit SecretBytes(std::string_view bytes) { append(bytes); }
    SecretBytes(const SecretBytes&) = delete;
    SecretBytes& operator=(const SecretBytes&) = delete;
    SecretBytes(SecretBytes&& other) noexcept
        : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)),
          capacity_(std::exchange(other.capacity_, 0)) {}
    SecretBytes& operator=(SecretBytes&& other) noexcept {
        if (this != &other) {
            clear();
            data_ = std::exchange(other.data_, nullptr);
            size_ = std::exchange(other.size_, 0);
            capacity_ = std::exchange(other.capacity_, 0);
        }
        return *this;
    }
    ~SecretBytes() { clear(); }

    [[nodiscard]] SecretBytes copy() const { return SecretBytes(reveal()); }

    /// The bytes themselves. The view is valid until this object changes; do not copy it into ordinary memory.
    [[nodiscard]] std::string_view reveal() const noexcept { return {data_, size_}; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

    void append(std::string_view bytes);
    void push_back(char byte) { append({&byte, 1}); }
    /// Room for `capacity` bytes in all.
    void reserve(std::size_t capacity);
    /// Appends `count` bytes for the caller to fill, and returns them.
    [[nodiscard]] std::span<char> extend(std::size_t count);
    /// Room for at least `count` bytes behind the end; commit() says how many of them were filled. Unlike extend(),
    /// what stays unfilled is not wiped again.
    [[nodiscard]] std::span<char> prepare(std::size_t count);
    void commit(std::size_t count) noexcept { size_ += count; }
    /// Drops bytes from the front, and wipes where they, or what moved, have been.
    void erase_front(std::size_t count) noexcept;
    /// Drops bytes from the end, and wipes them. `size` must not exceed size().
    void truncate(std::size_t size) noexcept;
    /// Wipes and releases.
    void clear() noexcept;

    /// Equality in time that depends on the sizes alone.
    [[nodiscard]] bool equals(std::string_view other) const noexcept;

private:
    char* data_ = nullptr;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

}  // namespace sma
