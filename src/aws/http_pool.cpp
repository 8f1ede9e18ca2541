// SPDX-License-Identifier: Apache-2.0
#include "aws/http_pool.hpp"

#include <utility>

namespace sma::aws {

struct HttpPool::State {
    State(io::Executor executor, std::chrono::nanoseconds limit, std::size_t most)
        : timer(executor), idle_limit(limit), per_key(most) {}
    io::Timer timer;
    std::chrono::nanoseconds idle_limit;
    std::size_t per_key;
    bool sweeping = false;
    std::map<std::string, std::deque<Idle>> idle;
};

HttpPool::HttpPool(io::Executor executor, std::chrono::nanoseconds idle_limit, std::size_t per_key)
    : state_(std::make_shared<State>(executor, idle_limit, per_key)) {}

HttpPool::~HttpPool() {
    clear();
}

std::unique_ptr<HttpConnection> HttpPool::take(const std::string& key) {
    const auto found = state_->idle.find(key);
    if (found == state_->idle.end()) return nullptr;
    const auto oldest = io::Timer::clock_type::now() - state_->idle_limit;
    std::deque<Idle>& idle = found->second;
    while (!idle.empty()) {
        Idle newest = std::move(idle.back());
        idle.pop_back();
        if (newest.since >= oldest && newest.connection->is_alive()) return std::move(newest.connection);
    }
    return nullptr;
}

void HttpPool::put(const std::string& key, std::unique_ptr<HttpConnection> connection) {
    std::deque<Idle>& idle = state_->idle[key];
    idle.push_back({std::move(connection), io::Timer::clock_type::now()});
    if (idle.size() > state_->per_key) idle.pop_front();
    if (!std::exchange(state_->sweeping, true)) sweep(state_);
}

void HttpPool::clear() {
    state_->idle.clear();
    state_->timer.cancel();
}

// Waits until the oldest connection is due, as long as there is one.
void HttpPool::sweep(const std::shared_ptr<State>& state) {
    const auto now = io::Timer::clock_type::now();
    auto next = io::Timer::time_point::max();
    for (auto entry = state->idle.begin(); entry != state->idle.end();) {
        std::deque<Idle>& idle = entry->second;
        while (!idle.empty() && idle.front().since + state->idle_limit <= now)
            idle.pop_front();
        if (idle.empty()) {
            entry = state->idle.erase(entry);
            continue;
        }
        next = std::min(next, idle.front().since + std::chrono::duration_cast<io::Timer::duration>(state->idle_limit));
        ++entry;
    }
    if (state->idle.empty()) {
        state->sweeping = false;
        return;
    }
    state->timer.expires_at(next);
    state->timer.async_wait([weak = std::weak_ptr(state)](boost::system::error_code) {
        if (const std::shared_ptr<State> alive = weak.lock()) sweep(alive);
    });
}

}  // namespace sma::aws
