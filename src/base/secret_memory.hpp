// SPDX-License-Identifier: Apache-2.0
// Memory for secret bytes: locked against swapping, left out of core files and of forked children, wiped when freed.
//
// Thread-safe. One arena for the process, made on first use from anonymous mappings. When the system refuses to lock
// (RLIMIT_MEMLOCK), the memory is used all the same and locking_failed() says so, for one warning at start.
#pragma once

#include <cstddef>
#include <limits>
#include <memory_resource>
#include <new>

namespace sma::secret_memory {

/// At least `size` bytes, aligned to 16. Never null: throws std::bad_alloc when memory is out.
[[nodiscard]] void* allocate(std::size_t size);

/// Wipes and gives back what allocate(size) returned; `size` must be the same.
void deallocate(void* pointer, std::size_t size) noexcept;

/// Overwrites memory with zeroes in a way no optimiser removes.
void wipe(void* pointer, std::size_t size) noexcept;

/// True once the system has refused to lock a part of the arena.
[[nodiscard]] bool locking_failed() noexcept;

/// Logs a warning the first time that it is called after locking has failed.
void warn_if_not_locked();

/// Bytes handed out and not yet given back (rounded up to size classes).
[[nodiscard]] std::size_t bytes_in_use() noexcept;

/// Makes every allocation of OpenSSL wiped when freed. Call before OpenSSL is first used.
void wipe_openssl_memory();

/// Standard allocator over the arena, for containers. Do not use it with std::basic_string: short strings stay inline.
template <class T>
struct Allocator {
    using value_type = T;
    Allocator() noexcept = default;
    template <class U>
    Allocator(const Allocator<U>&) noexcept {}  // NOLINT(google-explicit-constructor): allocators convert
    [[nodiscard]] T* allocate(std::size_t count) {
        if (count > std::numeric_limits<std::size_t>::max() / sizeof(T)) throw std::bad_array_new_length();
        return static_cast<T*>(secret_memory::allocate(count * sizeof(T)));
    }
    void deallocate(T* pointer, std::size_t count) noexcept { secret_memory::deallocate(pointer, count * sizeof(T)); }
    friend bool operator==(const Allocator&, const Allocator&) noexcept { return true; }
};

}  // namespace sma::secret_memory
