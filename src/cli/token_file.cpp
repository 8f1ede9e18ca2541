// SPDX-License-Identifier: Apache-2.0
#include "cli/token_file.hpp"

#include "base/random.hpp"
#include "base/secret_bytes.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace sma::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kWellKnown = "/var/run/awssmatoken";

// 64 lower-case hex digits and a newline, as the reference's token script writes.
SecretBytes make_token() {
    std::array<std::byte, 32> bytes{};
    random_bytes(bytes);
    SecretBytes text;
    for (const std::byte b : bytes) {
        constexpr std::string_view digits = "0123456789abcdef";
        text.push_back(digits[std::to_integer<std::size_t>(b >> 4)]);
        text.push_back(digits[std::to_integer<std::size_t>(b & std::byte{0x0f})]);
    }
    secret_memory::wipe(bytes.data(), bytes.size());
    text.push_back('\n');
    return text;
}

// 0 when the file was made, else errno.
int write_new(const fs::path& path, const SecretBytes& token) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return errno;
    const ssize_t written = ::write(fd, token.reveal().data(), token.size());
    const int error = written == static_cast<ssize_t>(token.size()) ? 0 : written < 0 ? errno : EIO;
    ::close(fd);
    if (error != 0) ::unlink(path.c_str());
    return error;
}

}  // namespace

Result<TokenFile> TokenFile::create(const std::optional<fs::path>& wanted,
                                    const std::optional<std::string>& runtime_directory) {
    const SecretBytes token = make_token();
    TokenFile file;
    int error = ENOENT;
    const auto try_place = [&](const fs::path& place) {
        error = write_new(place, token);
        std::error_code unknown;
        const bool usable = error == EEXIST && ::access(place.c_str(), R_OK) == 0 && !fs::is_empty(place, unknown);
        file.path_ = place;
        file.ours_ = error == 0;
        return error == 0 || usable;
    };
    if (wanted) {
        if (try_place(*wanted)) return file;
    } else {
        if (try_place(kWellKnown)) return file;
        if (runtime_directory && !runtime_directory->empty() &&
            try_place(fs::path(*runtime_directory) / "awssmatoken")) {
            return file;
        }
        std::string directory = "/tmp/awssma-XXXXXX";
        if (::mkdtemp(directory.data()) != nullptr) {
            file.own_directory_ = directory;
            if (try_place(file.own_directory_ / "awssmatoken")) return file;
        }
    }
    return fail(ErrorKind::System, "cannot make the token file " + file.path_.string() + ": " + os_error_text(error));
}

TokenFile::TokenFile(TokenFile&& other) noexcept
    : path_(std::move(other.path_)), own_directory_(std::exchange(other.own_directory_, {})),
      ours_(std::exchange(other.ours_, false)) {}

TokenFile::~TokenFile() {
    remove();
}

void TokenFile::remove() noexcept {
    std::error_code ignored;
    if (std::exchange(ours_, false)) fs::remove(path_, ignored);
    if (!own_directory_.empty()) fs::remove(own_directory_, ignored);
    own_directory_.clear();
}

}  // namespace sma::cli
