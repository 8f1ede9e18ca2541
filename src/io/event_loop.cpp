// SPDX-License-Identifier: Apache-2.0
#include "io/event_loop.hpp"

#include <csignal>
#include <utility>

#include <pthread.h>

namespace sma::io {

EventLoop::EventLoop(std::string name) : name_(std::move(name)) {
    work_.emplace(context_.get_executor());
}

EventLoop::~EventLoop() {
    stop();
}

void EventLoop::start() {
    // Signals belong to the main thread; a new thread inherits the mask of its maker.
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    std::promise<void> ended;
    ended_ = ended.get_future();
    thread_ = std::thread([this, ended = std::move(ended)]() mutable {
        context_.run();
        ended.set_value();
    });
    ::pthread_setname_np(thread_.native_handle(), name_.substr(0, 15).c_str());
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

bool EventLoop::drain(std::chrono::milliseconds limit) {
    work_.reset();
    if (!thread_.joinable()) return true;
    if (ended_.wait_for(limit) != std::future_status::ready) return false;
    thread_.join();
    return true;
}

void EventLoop::stop() {
    context_.stop();
    if (thread_.joinable()) thread_.join();
}

}  // namespace sma::io
