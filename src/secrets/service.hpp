// SPDX-License-Identifier: Apache-2.0
// The one question this product answers: this secret, in this version or stage.
//
// from_memory() may be called on any thread and never waits; ask() is a coroutine of the caller's own loop.
#pragma once

#include "aws/secrets_manager.hpp"
#include "cache/cache.hpp"
#include "secrets/loader.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace sma::secrets {

/// Borrowed from the request.
struct Question {
    std::string_view secret_id;  ///< name, full ARN or ARN without its last six characters
    std::optional<std::string_view> version_id;
    std::optional<std::string_view> version_stage;
    bool refresh_now = false;  ///< ask AWS whatever the cache holds
};

/// `value->body` is the JSON document to send.
using Answer = cache::Served;

class SecretService {
public:
    /// Secrets Manager reads "neither version nor stage" as AWSCURRENT: both spellings meet in one entry.
    SecretService(cache::Options options, aws::SecretsManager& secrets_manager, io::Executor upstream,
                  const Clock& clock);

    [[nodiscard]] std::optional<Answer> from_memory(const Question& question);

    /// Fails with AWS's own answer (ErrorKind::Service), with what kept AWS from answering, or with ErrorKind::Timeout
    /// after `limit`.
    [[nodiscard]] io::Task<Result<Answer>> ask(cache::Key key, bool refresh_now, std::chrono::nanoseconds limit);

    /// The question as a key of its own, to outlive the request it was borrowed from.
    [[nodiscard]] static cache::Key key_of(const Question& question) { return cache::Key(view_of(question)); }

    /// The account and region in which names are looked up: lets a secret read by ARN be found by name. Upstream loop.
    void set_home(std::string home) { loader_.set_home(std::move(home)); }

    /// Any thread.
    void configure(const cache::Options& options) { cache_.configure(options); }

private:
    [[nodiscard]] static cache::KeyView view_of(const Question& question) {
        return {question.secret_id, question.version_id, question.version_stage};
    }

    Loader loader_;
    cache::Cache cache_;
};

}  // namespace sma::secrets
