// SPDX-License-Identifier: Apache-2.0
#include "base/file.hpp"

#include <cerrno>
#include <span>

#include <fcntl.h>
#include <unistd.h>

namespace sma {
namespace {

class Descriptor {
public:
    explicit Descriptor(const std::filesystem::path& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int get() const noexcept { return fd_; }

private:
    int fd_;
};

}  // namespace

std::expected<SecretBytes, std::string> try_read_secret_file(const std::filesystem::path& path, std::size_t limit) {
    const Descriptor file(path);
    if (file.get() < 0) return std::unexpected(os_error_text(errno));
    SecretBytes bytes;
    for (;;) {
        constexpr std::size_t step = 4096;
        const std::span<char> room = bytes.prepare(step);
        const ssize_t got = ::read(file.get(), room.data(), room.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return std::unexpected(os_error_text(errno));
        if (got == 0) return bytes;
        bytes.commit(static_cast<std::size_t>(got));
        if (bytes.size() > limit) return std::unexpected("larger than " + std::to_string(limit) + " bytes");
    }
}

Result<SecretBytes> read_secret_file(const std::filesystem::path& path, std::size_t limit) {
    auto bytes = try_read_secret_file(path, limit);
    if (!bytes) return fail(ErrorKind::System, "cannot read " + path.string() + ": " + bytes.error());
    return std::move(*bytes);
}

Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit) {
    const Result<SecretBytes> bytes = read_secret_file(path, limit);
    if (!bytes) return fail(bytes.error());
    return std::string(bytes->reveal());
}

std::string why_unreadable(const std::filesystem::path& path) {
    const Descriptor file(path);
    if (file.get() < 0) return os_error_text(errno);
    char byte = 0;
    if (::read(file.get(), &byte, 1) < 0) return os_error_text(errno);
    return {};
}

}  // namespace sma
