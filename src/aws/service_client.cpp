// SPDX-License-Identifier: Apache-2.0
#include "aws/service_client.hpp"

#include "aws/json.hpp"
#include "aws/service_error.hpp"
#include "aws/sigv4.hpp"
#include "aws/time_text.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "base/secret_memory.hpp"

#include <utility>

namespace sma::aws {
namespace {

constexpr std::chrono::seconds kSkewThreshold = std::chrono::minutes(4);
constexpr unsigned kFirstErrorStatus = 300;

Error no_credentials() {
    return Error(ErrorKind::NoCredentials, "no AWS credentials were found")
        .with_hint("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or configure a profile, or credentials_file_path");
}

void log_answer(const std::string& operation, const HttpResponse& response) {
    std::string_view id = response.header("x-amzn-requestid");
    if (id.empty()) id = response.header("x-amz-request-id");
    log::debug("aws", "{}: HTTP {}, request id {}", operation, response.status, id);
}

}  // namespace

ServiceClient::ServiceClient(ServiceOptions options, HttpSender& http, CredentialsProvider& credentials,
                             const Clock& clock)
    : options_(std::move(options)), http_(http), credentials_(credentials), clock_(clock) {}

io::Task<Result<boost::json::value>> ServiceClient::call_json(std::string operation, SecretBytes body) {
    Call call{operation,
              "application/x-amz-json-1.1",
              options_.target_prefix + "." + operation,
              std::move(body),
              random_uuid(),
              &read_json_error};
    Result<HttpResponse> response = co_await run(std::move(call));
    if (!response) co_return fail(std::move(response.error()));
    Result<boost::json::value> value = parse_json(response->body.reveal());
    if (!value) co_return fail(std::move(value.error()).with_context(operation));
    if (!value->is_object()) co_return fail(ErrorKind::BadAnswer, operation + ": the answer is not a JSON object");
    co_return value;
}

io::Task<Result<SecretBytes>> ServiceClient::call_query(SecretBytes body) {
    Call call{
        options_.signing_name, "application/x-www-form-urlencoded; charset=utf-8", {}, std::move(body), random_uuid(),
        &read_query_error};
    Result<HttpResponse> response = co_await run(std::move(call));
    if (!response) co_return fail(std::move(response.error()));
    co_return std::move(response->body);
}

io::Task<Result<HttpResponse>> ServiceClient::run(Call call) {
    if (!options_.endpoint) co_return fail(options_.endpoint.error());
    const int most = options_.retry.max_attempts;
    int last_cost = 0;
    bool clock_corrected = false;
    for (int number = 1;; ++number) {
        std::string date;
        const std::chrono::seconds offset = clock_offset_;
        Result<HttpResponse> response = co_await attempt(call, number, &date);
        if (response) {
            quota_.on_success(last_cost);
            co_return response;
        }
        const Error& error = response.error();
        // Once, at once, and beyond max_attempts: nothing was wrong but our clock.
        if (!clock_corrected && may_be_clock_skew(error) && (correct_clock(date) || clock_offset_ != offset)) {
            clock_corrected = true;
            continue;
        }
        const RetryClass retry = classify(error);
        if (number >= most || retry == RetryClass::Never) co_return fail(complete(error));
        last_cost = quota_.take(retry);
        if (last_cost == 0) {
            log::debug("aws", "{}: not tried again, the retry quota is used up", call.operation);
            co_return fail(complete(error));
        }
        const std::chrono::nanoseconds wait = retry_delay(number, options_.retry.random());
        log::debug("aws", "{}: attempt {} of {} failed, next in {} ms: {}", call.operation, number, most,
                   std::chrono::duration_cast<std::chrono::milliseconds>(wait).count(), error.describe());
        co_await options_.retry.sleep(wait);
    }
}

// NOLINTNEXTLINE(cppcoreguidelines-avoid-reference-coroutine-parameters): run() awaits this at once, and owns both
io::Task<Result<HttpResponse>> ServiceClient::attempt(const Call& call, int number, std::string* answer_date) {
    // Asked for each attempt: they may have been renewed since the last one.
    Result<CredentialsPtr> credentials = co_await credentials_.get();
    if (!credentials) co_return fail(std::move(credentials.error()));
    if (!*credentials) co_return fail(no_credentials());
    Result<HttpResponse> response = co_await http_.send(signed_request(call, **credentials, number));
    if (!response) co_return fail(std::move(response.error()).with_context(call.operation));
    log_answer(call.operation, *response);
    if (response->status < kFirstErrorStatus) co_return response;
    *answer_date = response->header("date");
    Error error = call.read_error(*response);
    if (are_credentials_refused(error)) credentials_.forget(*credentials);
    co_return fail(std::move(error));
}

HttpRequest ServiceClient::signed_request(const Call& call, const Credentials& credentials, int number) const {
    const Endpoint& endpoint = *options_.endpoint;
    const std::string date = sigv4::amz_date(clock_.wall_now() + clock_offset_);
    sigv4::Headers headers{
        {"Content-Type", call.content_type}, {"Host", endpoint.url.authority()}, {"X-Amz-Date", date}};
    if (!call.target.empty()) headers.emplace_back("X-Amz-Target", call.target);
    if (!credentials.session_token.empty()) {
        headers.emplace_back("X-Amz-Security-Token", credentials.session_token.reveal());
    }
    const sigv4::Scope scope{date.substr(0, 8), endpoint.signing_region, options_.signing_name};
    sigv4::Request to_sign{"POST", endpoint.url.path, endpoint.url.query, std::move(headers), call.body.reveal()};

    HttpRequest request;
    request.url = endpoint.url;
    request.body = call.body.copy();
    for (const auto& [name, value] : to_sign.headers) {
        if (name != "Host") request.add_header(name, value);
    }
    request.add_header("Authorization", sigv4::authorization(to_sign, credentials.access_key_id,
                                                             credentials.secret_access_key, scope, date));
    request.add_header("User-Agent", options_.user_agent);
    request.add_header("amz-sdk-invocation-id", call.invocation_id);
    request.add_header("amz-sdk-request",
                       "attempt=" + std::to_string(number) + "; max=" + std::to_string(options_.retry.max_attempts));
    // The session token passed through ordinary memory on its way to the signer.
    for (auto& [name, value] : to_sign.headers)
        secret_memory::wipe(value.data(), value.size());
    return request;
}

bool ServiceClient::correct_clock(std::string_view date) {
    const std::optional<WallTime> theirs = parse_http_date(date);
    if (!theirs) return false;
    const auto offset = std::chrono::duration_cast<std::chrono::seconds>(*theirs - clock_.wall_now());
    if (std::chrono::abs(offset - clock_offset_) < kSkewThreshold) return false;
    log::warn("aws", "this machine's clock is {} s {} AWS's; signing with the difference taken into account",
              std::chrono::abs(offset).count(), offset.count() > 0 ? "behind" : "ahead of");
    clock_offset_ = offset;
    return true;
}

}  // namespace sma::aws
