// SPDX-License-Identifier: Apache-2.0
#include "base/secret_memory.hpp"

#include "base/log.hpp"

#include <openssl/crypto.h>
#include <sodium/utils.h>

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <mutex>

#include <malloc.h>
#include <sys/mman.h>

namespace sma::secret_memory {
namespace {

// Size classes: four steps to each doubling from 64 bytes to 128 KiB. Larger blocks get a mapping of their own.
constexpr std::size_t kSmallest = 64;
constexpr std::size_t kLargest = 128 * 1024;
constexpr std::size_t kChunk = 512 * 1024;
constexpr std::size_t kPage = 4096;
constexpr std::size_t kSteps = 4;

struct SizeClass {
    std::size_t index;
    std::size_t size;
};

constexpr SizeClass class_of(std::size_t size) noexcept {
    if (size <= kSmallest) return {0, kSmallest};
    const std::size_t power = std::bit_floor(size - 1);  // power < size <= 2 * power
    const std::size_t step = power / kSteps;
    const std::size_t steps = (size - power + step - 1) / step;  // 1..kSteps
    const auto doublings = static_cast<std::size_t>(std::countr_zero(power) - std::countr_zero(kSmallest));
    return {doublings * kSteps + steps, power + steps * step};
}

constexpr std::size_t kClasses = class_of(kLargest).index + 1;

class Arena {
public:
    void* allocate(std::size_t size) {
        if (size > kLargest) return map(round_to_pages(size));
        const SizeClass c = class_of(size);
        const std::scoped_lock lock(mutex_);
        FreeBlock*& head = free_[c.index];
        if (head != nullptr) {
            FreeBlock* const block = head;
            head = block->next;
            block->next = nullptr;
            used_ += c.size;
            return block;
        }
        if (c.size > chunk_left_) {
            // What is left of the old chunk stays unused: at most one block of the largest class in half a megabyte.
            chunk_ = static_cast<std::byte*>(map(kChunk));
            used_ -= kChunk;
            chunk_left_ = kChunk;
        }
        void* const block = chunk_;
        chunk_ += c.size;
        chunk_left_ -= c.size;
        used_ += c.size;
        return block;
    }

    void deallocate(void* pointer, std::size_t size) noexcept {
        if (size > kLargest) {
            const std::size_t length = round_to_pages(size);
            wipe(pointer, length);
            ::munmap(pointer, length);
            used_ -= length;
            return;
        }
        const SizeClass c = class_of(size);
        wipe(pointer, c.size);
        const std::scoped_lock lock(mutex_);
        auto* const block = static_cast<FreeBlock*>(pointer);
        block->next = free_[c.index];
        free_[c.index] = block;
        used_ -= c.size;
    }

    [[nodiscard]] bool locking_failed() const noexcept { return locking_failed_; }
    [[nodiscard]] std::size_t used() const noexcept { return used_; }

private:
    struct FreeBlock {
        FreeBlock* next;
    };

    static std::size_t round_to_pages(std::size_t size) noexcept { return (size + kPage - 1) / kPage * kPage; }

    void* map(std::size_t length) {
        if (length == 0) throw std::bad_alloc();  // the rounding wrapped
        void* const memory = ::mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) throw std::bad_alloc();
        // MLOCK_ONFAULT: pages are locked as they are touched, so an arena that is mostly empty costs little.
        if (::mlock2(memory, length, MLOCK_ONFAULT) != 0) locking_failed_ = true;
        ::madvise(memory, length, MADV_DONTDUMP);
        ::madvise(memory, length, MADV_DONTFORK);
        used_ += length;
        return memory;
    }

    std::mutex mutex_;
    std::array<FreeBlock*, kClasses> free_{};
    std::byte* chunk_ = nullptr;
    std::size_t chunk_left_ = 0;
    std::atomic<std::size_t> used_{0};
    std::atomic<bool> locking_failed_{false};
};

Arena& arena() {
    // Never destroyed: secrets in static storage may outlive any order of destruction.
    static Arena* const instance = [] {
        static std::array<std::byte, sizeof(Arena)> storage alignas(Arena);
        return new (storage.data()) Arena();
    }();
    return *instance;
}

}  // namespace

void* allocate(std::size_t size) {
    return arena().allocate(size);
}

void deallocate(void* pointer, std::size_t size) noexcept {
    if (pointer != nullptr) arena().deallocate(pointer, size);
}

void wipe(void* pointer, std::size_t size) noexcept {
    if (size != 0) ::sodium_memzero(pointer, size);
}

bool locking_failed() noexcept {
    return arena().locking_failed();
}

void warn_if_not_locked() {
    static std::atomic<bool> warned{false};
    if (!locking_failed() || warned.exchange(true)) return;
    log::warn("base", "Memory for secrets cannot be locked and may be swapped: raise RLIMIT_MEMLOCK");
}

std::size_t bytes_in_use() noexcept {
    return arena().used();
}

void wipe_openssl_memory() {
    ::CRYPTO_set_mem_functions([](std::size_t size, const char*, int) { return std::malloc(size); },
                               [](void* old, std::size_t size, const char*, int) -> void* {
                                   if (old == nullptr) return std::malloc(size);
                                   const std::size_t old_size = ::malloc_usable_size(old);
                                   if (size <= old_size && size != 0) return old;
                                   void* const fresh = size == 0 ? nullptr : std::malloc(size);
                                   if (fresh == nullptr && size != 0) return nullptr;
                                   if (fresh != nullptr)
                                       __builtin_memcpy(fresh, old, old_size < size ? old_size : size);
                                   wipe(old, old_size);
                                   std::free(old);
                                   return fresh;
                               },
                               [](void* pointer, const char*, int) {
                                   if (pointer == nullptr) return;
                                   wipe(pointer, ::malloc_usable_size(pointer));
                                   std::free(pointer);
                               });
}

}  // namespace sma::secret_memory
