// SPDX-License-Identifier: Apache-2.0
// One AWS service in one region: endpoint, credentials, signature, retries and error answers put together.
//
// On the upstream loop. Calls run side by side; what they share (quota, clock offset) is touched on that loop alone.
#pragma once

#include "aws/credentials/provider.hpp"
#include "aws/endpoint.hpp"
#include "aws/http.hpp"
#include "aws/retry.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"

#include <boost/json/value.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace sma::aws {

struct ServiceOptions {
    std::string signing_name;   ///< "secretsmanager", "sts"
    std::string target_prefix;  ///< of X-Amz-Target, JSON protocol only
    /// Or why it is not known: then every call fails with that.
    Result<Endpoint> endpoint;
    std::string user_agent;
    RetryOptions retry;
};

class ServiceClient {
public:
    /// What it is given must outlive it.
    ServiceClient(ServiceOptions options, HttpSender& http, CredentialsProvider& credentials, const Clock& clock);

    /// AWS JSON 1.1. The answer is in secret memory. Errors: see secrets_manager.hpp.
    [[nodiscard]] io::Task<Result<boost::json::value>> call_json(std::string operation, SecretBytes body);

    /// AWS Query: `body` is form-encoded. The answer is XML text.
    [[nodiscard]] io::Task<Result<SecretBytes>> call_query(SecretBytes body);

    [[nodiscard]] const Result<Endpoint>& endpoint() const noexcept { return options_.endpoint; }
    [[nodiscard]] const RetryQuota& quota() const noexcept { return quota_; }

private:
    /// What stays the same over the attempts of one call.
    struct Call {
        std::string operation;  ///< for the log
        std::string content_type;
        std::string target;  ///< X-Amz-Target, or empty
        SecretBytes body;
        std::string invocation_id;
        Error (*read_error)(const HttpResponse&);
    };
    [[nodiscard]] io::Task<Result<HttpResponse>> run(Call call);
    /// `call` must outlive it. An error has its raw code: see service_error.hpp.
    [[nodiscard]] io::Task<Result<HttpResponse>> attempt(const Call& call, int number, std::string* answer_date);
    [[nodiscard]] HttpRequest signed_request(const Call& call, const Credentials& credentials, int number) const;
    /// Learns the clock's offset from an answer's Date. True when a new signature may help.
    [[nodiscard]] bool correct_clock(std::string_view date);

    ServiceOptions options_;
    HttpSender& http_;
    CredentialsProvider& credentials_;
    const Clock& clock_;
    RetryQuota quota_;
    std::chrono::seconds clock_offset_{0};  ///< the service's clock less ours
};

}  // namespace sma::aws
