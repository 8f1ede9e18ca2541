// SPDX-License-Identifier: Apache-2.0
#include "aws/credentials/cached.hpp"

#include "aws/signal.hpp"
#include "base/log.hpp"
#include "io/spawn.hpp"

#include <utility>

namespace sma::aws {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr minutes kAdvisory{15};
constexpr minutes kMandatory{10};
constexpr seconds kJitter{120};
// A source that fails, or keeps giving credentials that are about to expire, is not asked more often than this.
constexpr seconds kPause{30};

}  // namespace

struct CachedProvider::State {
    State(std::unique_ptr<CredentialsProvider> provider, io::Executor loop, const Clock& given,
          std::function<double()> rnd)
        : inner(std::move(provider)), executor(loop), clock(given), random(std::move(rnd)), refreshed(loop) {}

    [[nodiscard]] WallTime::duration left() const {
        if (!current->expiration) return WallTime::duration::max();
        return *current->expiration - clock.wall_now();
    }
    [[nodiscard]] bool paused() const { return clock.steady_now() < next_try; }

    std::unique_ptr<CredentialsProvider> inner;
    io::Executor executor;
    const Clock& clock;
    std::function<double()> random;
    CredentialsPtr current;
    WallTime::duration advisory{};  // for the current ones
    bool refused = false;           // by AWS: ask again
    bool refreshing = false;
    SteadyTime next_try{};     // after a failure, or credentials that are about to expire
    SteadyTime next_forget{};  // whatever came of the last one
    Result<CredentialsPtr> last{CredentialsPtr()};
    Signal refreshed;
};

CachedProvider::CachedProvider(std::unique_ptr<CredentialsProvider> inner, io::Executor executor, const Clock& clock,
                               std::function<double()> random)
    : state_(std::make_shared<State>(std::move(inner), executor, clock, std::move(random))) {}

std::string_view CachedProvider::name() const noexcept {
    return state_->inner->name();
}

io::Task<Result<CredentialsPtr>> CachedProvider::get() {
    const std::shared_ptr<State> state = state_;
    if (state->current && !state->refused) {
        const auto left = state->left();
        if (left >= state->advisory) co_return state->current;
        if (left >= kMandatory) {
            if (!state->refreshing && !state->paused()) {
                state->refreshing = true;
                io::spawn(state->executor, "renewing credentials", refresh(state));
            }
            co_return state->current;
        }
        if (left > left.zero() && state->paused()) co_return state->current;
    }
    if (state->refreshing) {
        co_await state->refreshed.wait();
    } else if (state->last || !state->paused()) {
        state->refreshing = true;
        co_await refresh(state);
    }
    if (state->last && *state->last) co_return state->last;
    if (state->current && state->left() > WallTime::duration::zero()) co_return state->current;
    co_return state->last;
}

io::Task<void> CachedProvider::refresh(std::shared_ptr<State> state) {
    state->refused = false;
    Result<CredentialsPtr> fresh = co_await state->inner->get();
    if (fresh && *fresh && (*fresh)->expiration && *(*fresh)->expiration <= state->clock.wall_now()) {
        fresh = fail(ErrorKind::NoCredentials, (*fresh)->source + " gave credentials that have already expired");
    }
    state->refreshing = false;
    state->next_try = {};
    if (fresh && *fresh) {
        state->current = *fresh;
        state->advisory = kAdvisory - std::chrono::duration_cast<WallTime::duration>(kJitter * state->random());
        if (state->left() < kMandatory) state->next_try = state->clock.steady_now() + kPause;
    } else {
        state->next_try = state->clock.steady_now() + kPause;
    }
    if (state->current && !(fresh && *fresh)) {
        log::warn("aws", "renewing the credentials of {} failed; the old ones are used while they are valid: {}",
                  state->current->source, fresh ? "it has none now" : fresh.error().describe());
    }
    state->last = std::move(fresh);
    state->refreshed.notify_all();
}

void CachedProvider::forget(const CredentialsPtr& refused) {
    const SteadyTime now = state_->clock.steady_now();
    if (state_->current != refused || state_->refused || state_->paused() || now < state_->next_forget) return;
    state_->refused = true;
    state_->next_forget = now + kPause;
    state_->inner->forget(refused);
}

}  // namespace sma::aws
