// SPDX-License-Identifier: Apache-2.0
#include "emulator/service.hpp"

#include "aws/json.hpp"
#include "base/ascii.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "emulator/authenticate.hpp"
#include "emulator/json_text.hpp"
#include "emulator/operations.hpp"
#include "emulator/sts.hpp"

#include <boost/json.hpp>

#include <array>
#include <chrono>
#include <ctime>

namespace sma::emulator {

namespace {

namespace json = boost::json;

constexpr std::string_view kTargetPrefix = "secretsmanager.";
constexpr std::string_view kGlobalRegion = "us-east-1";

Response json_response(unsigned status, SecretBytes body) {
    Response response;
    response.status = status;
    response.headers.emplace_back("Content-Type", "application/x-amz-json-1.1");
    response.body = std::move(body);
    return response;
}

Response json_error(const Error& error) {
    json::object body;
    body.emplace("__type", std::string_view(error.code()));
    if (!error.message().empty()) body.emplace("Message", std::string_view(error.message()));
    return json_response(error.http_status(), json_text(json::value(std::move(body))));
}

/// What AWS answers to a request that names no operation.
Response nothing_here() {
    Response response;
    response.status = 404;
    response.body = SecretBytes("<UnknownOperationException/>\n");
    return response;
}

bool is_form(const Request& request) {
    return ascii::lowered(request.header("content-type")).starts_with("application/x-www-form-urlencoded");
}

std::string http_date(WallTime time) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::array<char, 40> text{};
    // The process keeps the C locale, so the names are the English ones the header asks for.
    const std::size_t size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    return {text.data(), size};
}

}  // namespace

Response Service::secrets_manager(const Request& request, std::string_view operation) {
    const Operation function = find_operation(operation);
    if (function == nullptr) return json_error(Error::service("UnknownOperationException", "", 400));
    const std::array<std::string_view, 1> regions = {store_.region()};
    const auto key = authenticate(request, accounts_, {"secretsmanager", regions, clock_.wall_now()});
    if (!key) return json_error(key.error());
    const std::string_view text = request.body.reveal();
    const auto document = aws::parse_json(text.empty() ? "{}" : text);
    const json::object* object = document ? document->if_object() : nullptr;
    if (object == nullptr) return json_error(Error::service("SerializationException", "", 400));
    Call call(store_, (*key)->identity, operation, *object);
    const Reply reply = function(call);
    if (!reply) return json_error(reply.error());
    return json_response(200, json_text(*reply));
}

Response Service::sts(const Request& request, std::string_view request_id) {
    const Form form = parse_form(request.body.reveal());
    const WallTime now = clock_.wall_now();
    // One port stands for the regional and for the global endpoint of STS.
    const std::array<std::string_view, 2> regions = {store_.region(), kGlobalRegion};
    const auto key = authenticate(request, accounts_, {"sts", regions, now});
    if (!key) return sts_error(key.error(), request_id);
    return sts_answer(accounts_, **key, form, now, request_id);
}

void Service::finish(Response& response, std::string_view request_id) const {
    response.headers.emplace_back("x-amzn-RequestId", request_id);
    response.headers.emplace_back("Date", http_date(clock_.wall_now()));
}

Response Service::handle(const Request& request) {
    const std::string request_id = random_uuid();
    const std::string_view target = request.header("x-amz-target");
    const bool known = request.method == "POST" && target.starts_with(kTargetPrefix);
    Response response;
    if (known) {
        response = secrets_manager(request, target.substr(kTargetPrefix.size()));
    } else if (request.method == "POST" && !target.empty()) {
        response = json_error(Error::service("UnknownOperationException", "", 400));
    } else if (request.method == "POST" && is_form(request)) {
        response = sts(request, request_id);
    } else {
        response = nothing_here();
    }
    log::debug("emulator", "{} {} {}: {}", request.method, known ? target : std::string_view("-"), request_id,
               response.status);
    finish(response, request_id);
    return response;
}

Response Service::refusal(unsigned status) const {
    const char* code = status == 413 ? "RequestEntityTooLargeException" : "BadRequestException";
    const char* text = status == 413 ? "Request body is larger than 1048576 bytes"
                                     : "The request is not valid HTTP, or its header is too large";
    Response response = json_error(Error::service(code, text, status));
    finish(response, random_uuid());
    return response;
}

}  // namespace sma::emulator
