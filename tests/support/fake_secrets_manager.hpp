// SPDX-License-Identifier: Apache-2.0
// Secrets Manager played by a function: all of the agent's own client but the sockets.
//
// script(), hold(), release() and calls() may be used on any thread; the rest happens on the upstream loop.
#pragma once

#include "aws/credentials/static.hpp"
#include "aws/http.hpp"
#include "aws/secrets_manager.hpp"
#include "aws/service_client.hpp"
#include "fake_clock.hpp"
#include "io/timer.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sma::testing {

class FakeSecretsManager final : public aws::HttpSender {
public:
    struct Answer {
        unsigned status = 200;
        std::string body;
        ErrorKind failure = ErrorKind::Internal;  ///< with status 0: no answer at all, but this
    };
    /// What to answer to an operation ("GetSecretValue") with these members.
    using Script = std::function<Answer(const std::string& operation, const boost::json::object& request)>;

    explicit FakeSecretsManager(const Clock& clock)
        : credentials_(std::make_shared<aws::Credentials>(aws::Credentials{.access_key_id = "AKIAIOSFODNN7EXAMPLE",
                                                                           .secret_access_key = SecretBytes("secret"),
                                                                           .session_token = {},
                                                                           .expiration = {},
                                                                           .source = "test"})),
          client_({.signing_name = "secretsmanager",
                   .target_prefix = "secretsmanager",
                   .endpoint = aws::Endpoint{*aws::parse_url("http://127.0.0.1:1"), "us-east-1"},
                   .user_agent = "test",
                   .retry = {.max_attempts = 1}},
                  *this, credentials_, clock),
          secrets_manager_(client_) {}

    [[nodiscard]] aws::SecretsManager& secrets_manager() { return secrets_manager_; }

    void script(Script script) {
        const std::scoped_lock lock(mutex_);
        script_ = std::move(script);
    }
    /// From now on answers wait for release().
    void hold() { held_ = true; }
    void release() { held_ = false; }
    /// "GetSecretValue id", in the order in which they were asked.
    [[nodiscard]] std::vector<std::string> calls() const {
        const std::scoped_lock lock(mutex_);
        return calls_;
    }

    io::Task<Result<aws::HttpResponse>> send(aws::HttpRequest request) override {
        const boost::json::object members = boost::json::parse(std::string(request.body.reveal())).as_object();
        std::string operation;
        for (const aws::HttpHeader& header : request.headers) {
            std::string name = header.name;
            for (char& c : name)
                c = static_cast<char>(c | 0x20);
            if (name == "x-amz-target") operation = header.value.reveal().substr(std::string("secretsmanager.").size());
        }
        Script script;
        {
            const std::scoped_lock lock(mutex_);
            calls_.push_back(operation + " " + std::string(members.at("SecretId").as_string()));
            script = script_;
        }
        while (held_)
            co_await io::sleep_for(std::chrono::milliseconds(1));
        const Answer answer = script(operation, members);
        if (answer.status == 0) co_return fail(answer.failure, "scripted");
        aws::HttpResponse response;
        response.status = answer.status;
        response.body = SecretBytes(answer.body);
        co_return response;
    }

    /// The answer of GetSecretValue for a secret of this name (or, for an ARN, the name in it).
    [[nodiscard]] static std::string arn_of(const std::string& name) {
        return "arn:aws:secretsmanager:us-east-1:123456789012:secret:" + name + "-AbCdEf";
    }
    [[nodiscard]] static Answer secret(const std::string& name, const std::string& value,
                                       const std::string& version = "v1") {
        return {.body = boost::json::serialize(boost::json::object{{"ARN", arn_of(name)},
                                                                   {"Name", name},
                                                                   {"VersionId", version},
                                                                   {"SecretString", value},
                                                                   {"VersionStages", {"AWSCURRENT"}},
                                                                   {"CreatedDate", 1523477145.5}})};
    }
    [[nodiscard]] static Answer description(const std::string& name, const std::string& version = "v1") {
        const boost::json::object versions{{version, {"AWSCURRENT"}}};
        return {.body = boost::json::serialize(
                    boost::json::object{{"ARN", arn_of(name)}, {"Name", name}, {"VersionIdsToStages", versions}})};
    }
    [[nodiscard]] static Answer error(const std::string& code, unsigned status = 400) {
        return {.status = status,
                .body = boost::json::serialize(boost::json::object{{"__type", code}, {"Message", code + " it is"}})};
    }

private:
    mutable std::mutex mutex_;
    Script script_;
    std::vector<std::string> calls_;
    std::atomic<bool> held_{false};
    aws::StaticProvider credentials_;
    aws::ServiceClient client_;
    aws::SecretsManager secrets_manager_;
};

}  // namespace sma::testing
