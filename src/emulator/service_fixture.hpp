// SPDX-License-Identifier: Apache-2.0
// For tests: signed calls to a Service without sockets, with a clock that stands still.
#pragma once

#include "aws/json.hpp"
#include "aws/sigv4.hpp"
#include "emulator/emulator.hpp"
#include "emulator/service.hpp"
#include "fake_clock.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace sma::emulator {

namespace json = boost::json;

struct Signer {
    std::string id = kAccessKeyId;
    std::string secret = kSecretAccessKey;
    std::string token{};
    std::string region = "us-east-1";
    std::string service = "secretsmanager";
};

/// Adds x-amz-date, the token and Authorization over all headers there are.
inline void sign(Request& request, const Signer& signer, WallTime now) {
    const std::string date = aws::sigv4::amz_date(now);
    request.headers.emplace_back("X-Amz-Date", date);
    if (!signer.token.empty()) request.headers.emplace_back("X-Amz-Security-Token", signer.token);
    aws::sigv4::Request canonical;
    canonical.method = request.method;
    canonical.path = request.target;
    canonical.headers = request.headers;
    canonical.body = request.body.reveal();
    const aws::sigv4::Scope scope{date.substr(0, 8), signer.region, signer.service};
    request.headers.emplace_back(
        "Authorization", aws::sigv4::authorization(canonical, signer.id, SecretBytes(signer.secret), scope, date));
}

inline Request unsigned_call(std::string_view operation, std::string_view body) {
    Request request;
    request.method = "POST";
    request.target = "/";
    request.headers = {{"Host", "127.0.0.1:4566"},
                       {"Content-Type", "application/x-amz-json-1.1"},
                       {"X-Amz-Target", "secretsmanager." + std::string(operation)}};
    request.body = SecretBytes(body);
    return request;
}

inline Request unsigned_form(std::string_view body) {
    Request request;
    request.method = "POST";
    request.target = "/";
    request.headers = {{"Host", "127.0.0.1:4566"},
                       {"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
    request.body = SecretBytes(body);
    return request;
}

inline std::string text_of(const Response& response) {
    return std::string(response.body.reveal());
}

class ServiceTest : public ::testing::Test {
protected:
    ServiceTest() { EXPECT_TRUE(service_.accounts().add_key(kAccessKeyId, SecretBytes(kSecretAccessKey), {}, "")); }

    Response post(std::string_view operation, std::string_view body, const Signer& signer = {}) {
        Request request = unsigned_call(operation, body);
        sign(request, signer, clock_.wall_now());
        return service_.handle(request);
    }
    Response form(std::string_view body, Signer signer = {}) {
        signer.service = "sts";
        Request request = unsigned_form(body);
        sign(request, signer, clock_.wall_now());
        return service_.handle(request);
    }
    /// The members of a successful answer.
    json::object call(std::string_view operation, std::string_view body, const Signer& signer = {}) {
        const Response response = post(operation, body, signer);
        EXPECT_EQ(response.status, 200U) << text_of(response);
        auto value = aws::parse_json(response.body.reveal());
        return value && value->is_object() ? std::move(value->get_object()) : json::object();
    }
    /// "Code: message" of a refused call.
    std::string error(std::string_view operation, std::string_view body, const Signer& signer = {}) {
        const Response response = post(operation, body, signer);
        EXPECT_EQ(response.status, 400U) << text_of(response);
        auto value = aws::parse_json(response.body.reveal());
        if (!value || !value->is_object()) return "not JSON";
        const json::object& object = value->get_object();
        std::string text(object.at("__type").as_string());
        if (const auto* message = object.if_contains("Message")) text += ": " + std::string(message->as_string());
        return text;
    }
    /// A version id that is long enough.
    static std::string id(int number) { return "00000000-0000-4000-8000-" + std::to_string(100'000'000'000 + number); }

    /// CreateSecret with version id(1).
    std::string create(const std::string& name, const std::string& value = "one") {
        return std::string(call("CreateSecret", R"({"Name":")" + name + R"(","SecretString":")" + value +
                                                    R"(","ClientRequestToken":")" + id(1) + "\"}")
                               .at("ARN")
                               .as_string());
    }
    /// PutSecretValue; `stages` as JSON, such as ["AWSPENDING"].
    json::object put(const std::string& name, const std::string& value, int version, const std::string& stages = "") {
        return call("PutSecretValue", R"({"SecretId":")" + name + R"(","SecretString":")" + value +
                                          R"(","ClientRequestToken":")" + id(version) + "\"" +
                                          (stages.empty() ? "" : ",\"VersionStages\":" + stages) + "}");
    }
    /// The value that `more` selects, such as ,"VersionStage":"AWSPREVIOUS".
    std::string value(const std::string& name, const std::string& more = "") {
        return std::string(
            call("GetSecretValue", R"({"SecretId":")" + name + "\"" + more + "}").at("SecretString").as_string());
    }
    /// The labels of version `number`, in order, or "-" when it has none.
    std::string stages(const std::string& name, int number) {
        const json::object described = call("DescribeSecret", R"({"SecretId":")" + name + "\"}");
        const auto* map = described.if_contains("VersionIdsToStages");
        const auto* labels = map != nullptr ? map->as_object().if_contains(id(number)) : nullptr;
        if (labels == nullptr) return "-";
        std::string text;
        for (const auto& one : labels->as_array())
            text += (text.empty() ? "" : " ") + std::string(one.as_string());
        return text;
    }

    sma::testing::FakeClock clock_;
    Service service_{clock_, "us-east-1", "123456789012"};
};

}  // namespace sma::emulator
