// SPDX-License-Identifier: Apache-2.0
// Notices when what a path leads to has changed: written, replaced, created, deleted, or switched by a symbolic link.
//
// Uses inotify on the directories that the path runs through, so that an atomic rename, the link swaps of Kubernetes
// and a file that appears late are all seen, without polling (but where inotify is not to be had). Lives on one loop
// and is destroyed there, or after it has ended.
#pragma once

#include "io/task.hpp"

#include <filesystem>
#include <functional>
#include <memory>

namespace sma::io {

class FileWatch {
public:
    /// Watches from here on: who reads the file after this misses nothing. Calls `on_change` on `executor`'s loop, soon
    /// after each change, for as long as the watch lives.
    FileWatch(Executor executor, const std::filesystem::path& path, std::function<void()> on_change);
    ~FileWatch();
    FileWatch(const FileWatch&) = delete;
    FileWatch& operator=(const FileWatch&) = delete;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace sma::io
