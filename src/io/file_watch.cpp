// SPDX-License-Identifier: Apache-2.0
#include "io/file_watch.hpp"

#include "base/error.hpp"
#include "base/log.hpp"
#include "io/spawn.hpp"
#include "io/timer.hpp"

#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include <array>
#include <cerrno>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sma::io {
namespace fs = std::filesystem;

namespace {

constexpr std::uint32_t kEvents = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_MOVED_FROM | IN_ATTRIB |
                                  IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
constexpr int kMaxLinks = 16;
// A writer that truncates and writes makes several events: look when it has calmed down.
constexpr std::chrono::milliseconds kSettle{50};
constexpr std::chrono::seconds kPoll{60};  // where inotify is not to be had

// What tells one state of a file from another; all zero when there is none.
using Fingerprint = std::tuple<dev_t, ino_t, off_t, std::int64_t, std::int64_t, mode_t>;

Fingerprint fingerprint(const fs::path& path) {
    struct stat info{};
    if (::stat(path.c_str(), &info) != 0) return {};
    const auto ns = [](const timespec& time) { return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec; };
    return {info.st_dev, info.st_ino, info.st_size, ns(info.st_mtim), ns(info.st_ctim), info.st_mode};
}

fs::path made_absolute(const fs::path& path) {
    std::error_code error;  // a working directory that is gone: the path stays as it is
    const fs::path whole = fs::absolute(path, error);
    return (error ? path : whole).lexically_normal();
}

// The directory to watch for `path`, or the nearest one above that exists.
fs::path nearest_directory(fs::path path) {
    std::error_code error;
    do
        path = path.parent_path();
    while (!path.empty() && path != "/" && !fs::is_directory(path, error));
    return path;
}

// Every directory in which a change may change what `path` leads to: its own, and those its symbolic links run through.
std::vector<fs::path> directories_of(fs::path path) {
    std::vector<fs::path> found;
    std::error_code error;
    for (int hop = 0; hop < kMaxLinks; ++hop) {
        fs::path walked = "/";
        bool moved = false;
        for (const fs::path& part : path.relative_path()) {
            const fs::path here = walked / part;
            if (fs::is_symlink(here, error)) {
                found.push_back(walked);
                const fs::path target = fs::read_symlink(here, error);
                const fs::path rest = path.lexically_relative(here);
                path = (target.is_absolute() ? target : walked / target) / (rest == "." ? fs::path() : rest);
                path = path.lexically_normal();
                moved = true;
                break;
            }
            walked = here;
        }
        if (!moved) break;
    }
    found.push_back(nearest_directory(path));
    return found;
}

}  // namespace

struct FileWatch::State {
    State(Executor executor, fs::path path_, std::function<void()> on_change_)
        : path(std::move(path_)), on_change(std::move(on_change_)), descriptor(executor), settle(executor) {}

    // Watches what is to be watched now, and no longer what was.
    void watch_directories() {
        if (!descriptor.is_open()) return;
        std::set<int> wanted;
        complete = true;
        for (const fs::path& directory : directories_of(path)) {
            const int watch = ::inotify_add_watch(descriptor.native_handle(), directory.c_str(), kEvents);
            if (watch >= 0)
                wanted.insert(watch);
            else
                complete = false;
        }
        if (!complete && !std::exchange(warned, true)) {
            log::warn("io", "Cannot watch {} all the way, looking every {} s: {}", path.string(), kPoll.count(),
                      os_error_text(errno));
        }
        for (const int watch : watches) {
            if (!wanted.contains(watch)) ::inotify_rm_watch(descriptor.native_handle(), watch);
        }
        watches = std::move(wanted);
    }

    fs::path path;
    std::function<void()> on_change;
    asio::posix::basic_stream_descriptor<Executor> descriptor;
    Timer settle;
    std::set<int> watches;
    Fingerprint last;
    bool complete = false;  // every directory is watched: no need to look
    bool warned = false;
    bool over = false;
};

namespace {

template <class State>
Task<void> watch(std::shared_ptr<State> state) {
    std::array<char, 4096> events{};
    while (!state->over) {
        if (state->complete) {
            const auto [error, size] = co_await state->descriptor.async_read_some(asio::buffer(events), await_tuple);
            if (error || state->over) co_return;
        }
        state->settle.expires_after(state->complete ? Timer::duration(kSettle) : Timer::duration(kPoll));
        co_await state->settle.async_wait(await_tuple);
        if (state->over) co_return;
        state->watch_directories();
        const Fingerprint now = fingerprint(state->path);
        if (now == state->last) continue;
        state->last = now;
        state->on_change();
    }
}

}  // namespace

FileWatch::FileWatch(Executor executor, const fs::path& path, std::function<void()> on_change)
    : state_(std::make_shared<State>(executor, made_absolute(path), std::move(on_change))) {
    boost::system::error_code failed;
    const int fd = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fd >= 0) state_->descriptor.assign(fd, failed);
    if (fd >= 0 && failed) ::close(fd);
    if (fd < 0 || failed) {
        log::warn("io", "Cannot watch {}, looking every {} s", state_->path.string(), kPoll.count());
    }
    state_->watch_directories();
    state_->last = fingerprint(state_->path);
    spawn(executor, "file watch", watch(state_));
}

FileWatch::~FileWatch() {
    state_->over = true;
    state_->settle.cancel();
    boost::system::error_code ignored;
    state_->descriptor.close(ignored);
}

}  // namespace sma::io
