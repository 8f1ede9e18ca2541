// SPDX-License-Identifier: Apache-2.0
#include "base/secret_bytes.hpp"

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <type_traits>
#include <vector>

namespace sma {
namespace {

static_assert(!std::is_copy_constructible_v<SecretBytes> && !std::is_copy_assignable_v<SecretBytes>);
static_assert(!fmt::is_formattable<SecretBytes>::value, "a secret must not be printable");
template <class T>
concept Streamable = requires(std::ostream& out, const T& value) { out << value; };
static_assert(!Streamable<SecretBytes>);

// The kernel's flags of the mapping that holds `address`, such as "rd wr mr mw me dc lo dd".
std::string mapping_flags(const void* address) {
    std::ifstream smaps("/proc/self/smaps");
    const auto wanted = reinterpret_cast<std::uintptr_t>(address);
    bool inside = false;
    for (std::string line; std::getline(smaps, line);) {
        unsigned long from = 0;
        unsigned long to = 0;
        if (std::sscanf(line.c_str(), "%lx-%lx ", &from, &to) == 2) inside = from <= wanted && wanted < to;
        if (inside && line.starts_with("VmFlags:")) return line;
    }
    return {};
}

TEST(SecretMemoryTest, BlocksOfEverySizeAreDistinctAndReusable) {
    std::vector<std::pair<char*, std::size_t>> blocks;
    for (std::size_t size = 1; size < 400'000; size = size * 3 / 2 + 1) {
        auto* const block = static_cast<char*>(secret_memory::allocate(size));
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % 16, 0U);
        std::fill_n(block, size, static_cast<char>(blocks.size()));
        blocks.emplace_back(block, size);
    }
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        const auto [block, size] = blocks[i];
        EXPECT_TRUE(std::all_of(block, block + size, [i](char c) { return c == static_cast<char>(i); }));
    }
    for (const auto& [block, size] : blocks)
        secret_memory::deallocate(block, size);
}

TEST(SecretMemoryTest, FreedBlocksAreWiped) {
    constexpr std::size_t size = 1024;
    auto* const block = static_cast<char*>(secret_memory::allocate(size));
    std::fill_n(block, size, 's');
    secret_memory::deallocate(block, size);
    // The arena keeps the page; only its own free-list link (8 bytes) may be in there.
    EXPECT_EQ(std::count(block, block + size, 's'), 0);
}

TEST(SecretMemoryTest, IsKeptOutOfCoreFilesAndChildren) {
    const SecretBytes secret("flagged");
    const std::string flags = mapping_flags(secret.reveal().data());
    EXPECT_NE(flags.find(" dd"), std::string::npos) << flags;  // MADV_DONTDUMP
    EXPECT_NE(flags.find(" dc"), std::string::npos) << flags;  // MADV_DONTFORK
    if (!secret_memory::locking_failed()) {
        EXPECT_NE(flags.find(" lo"), std::string::npos) << flags;  // mlock
    }
}

TEST(SecretMemoryTest, BytesInUseReturnsToWhereItWas) {
    const std::size_t before = secret_memory::bytes_in_use();
    {
        SecretBytes large(std::string(300'000, 'x'));
        SecretBytes small("x");
        EXPECT_GE(secret_memory::bytes_in_use(), before + 300'000);
    }
    EXPECT_EQ(secret_memory::bytes_in_use(), before);
}

TEST(SecretBytesTest, GrowsKeepsAndTruncates) {
    SecretBytes bytes;
    std::string expected;
    for (int i = 0; i < 1000; ++i) {
        bytes.append("abc");
        bytes.push_back('d');
        expected += "abcd";
    }
    EXPECT_EQ(bytes.reveal(), expected);
    bytes.truncate(5);
    EXPECT_EQ(bytes.reveal(), "abcda");
}

TEST(SecretBytesTest, TruncatingWipes) {
    SecretBytes bytes("keep-and-drop");
    const char* const tail = bytes.reveal().data() + 4;
    bytes.truncate(4);
    EXPECT_TRUE(std::all_of(tail, tail + 9, [](char c) { return c == 0; }));
}

TEST(SecretBytesTest, ServesAsAReadBuffer) {
    SecretBytes bytes;
    const std::span<char> room = bytes.prepare(8);
    ASSERT_GE(room.size(), 8U);
    std::copy_n("abcdefgh", 8, room.begin());
    bytes.commit(6);
    EXPECT_EQ(bytes.reveal(), "abcdef");
    const char* const data = bytes.reveal().data();
    bytes.erase_front(4);
    EXPECT_EQ(bytes.reveal(), "ef");
    EXPECT_TRUE(std::all_of(data + 2, data + 6, [](char c) { return c == 0; }));
    bytes.erase_front(2);
    EXPECT_TRUE(bytes.empty());
}

TEST(SecretBytesTest, MovesLeaveNothingBehind) {
    SecretBytes first("value");
    SecretBytes second = std::move(first);
    EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): that is the point
    EXPECT_EQ(second.reveal(), "value");
    const SecretBytes third = second.copy();
    EXPECT_NE(third.reveal().data(), second.reveal().data());
    EXPECT_TRUE(third.equals("value"));
}

TEST(SecretBytesTest, ComparesBySizeAndBytes) {
    const SecretBytes token("token");
    EXPECT_TRUE(token.equals("token"));
    EXPECT_FALSE(token.equals("tokem"));
    EXPECT_FALSE(token.equals("toke"));
    EXPECT_FALSE(token.equals("tokens"));
    EXPECT_TRUE(SecretBytes().equals(""));
    const std::string long_token(64 + 7, 'x');
    for (std::size_t i = 0; i < long_token.size(); ++i) {
        std::string other = long_token;
        other[i] = 'y';
        EXPECT_FALSE(SecretBytes(long_token).equals(other)) << i;
    }
    EXPECT_TRUE(SecretBytes(long_token).equals(long_token));
}

}  // namespace
}  // namespace sma
