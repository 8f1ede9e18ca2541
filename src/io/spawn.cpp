// SPDX-License-Identifier: Apache-2.0
#include "io/spawn.hpp"

#include "base/log.hpp"

#include <boost/asio/co_spawn.hpp>

#include <cstdio>
#include <cstdlib>
#include <exception>

namespace sma::io {

void spawn(Executor executor, const char* what, Task<void> task) {
    asio::co_spawn(executor, std::move(task), [what](std::exception_ptr failure) {
        if (!failure) return;
        const char* reason = "unknown exception";
        try {
            std::rethrow_exception(failure);
        } catch (const std::exception& e) {
            reason = e.what();
            std::fprintf(stderr, "fatal: %s: %s\n", what, reason);
        } catch (...) {
            std::fprintf(stderr, "fatal: %s: %s\n", what, reason);
        }
        log::error("io", "fatal: {}: {}", what, reason);
        log::stop();
        std::abort();
    });
}

}  // namespace sma::io
