// SPDX-License-Identifier: Apache-2.0
#include "aws/secrets_manager.hpp"

#include "aws/base64.hpp"
#include "aws/service_client.hpp"

#include <boost/json.hpp>

#include <utility>

namespace sma::aws {
namespace {

namespace json = boost::json;

// Reads members of an answer. A member of another type than documented spoils the whole answer.
class Members {
public:
    explicit Members(const json::value& answer) : object_(answer.get_object()) {}

    std::optional<std::string> text(std::string_view name) {
        const json::string* const value = string(name);
        return value == nullptr ? std::nullopt : std::optional(std::string(*value));
    }
    std::optional<SecretBytes> secret(std::string_view name) {
        const json::string* const value = string(name);
        return value == nullptr ? std::nullopt : std::optional(SecretBytes(std::string_view(*value)));
    }
    std::optional<double> number(std::string_view name) {
        const json::value* const value = member(name);
        if (value == nullptr) return std::nullopt;
        if (!value->is_number()) return spoil(name), std::nullopt;
        return value->to_number<double>();
    }
    std::optional<std::vector<std::string>> texts(std::string_view name) {
        const json::value* const value = member(name);
        return value == nullptr ? std::nullopt : texts(name, *value);
    }
    std::optional<std::map<std::string, std::vector<std::string>>> texts_by_name(std::string_view name) {
        const json::value* const value = member(name);
        if (value == nullptr) return std::nullopt;
        if (!value->is_object()) return spoil(name), std::nullopt;
        std::map<std::string, std::vector<std::string>> map;
        for (const auto& [key, list] : value->get_object())
            map[std::string(key)] = texts(name, list).value_or(std::vector<std::string>{});
        return map;
    }
    void spoil(std::string_view name) {
        if (bad_.empty()) bad_ = name;
    }
    /// The first member that is not as documented, or empty.
    [[nodiscard]] const std::string& bad() const { return bad_; }

private:
    // null and absent are the same.
    const json::value* member(std::string_view name) {
        const json::value* const value = object_.if_contains(name);
        return value == nullptr || value->is_null() ? nullptr : value;
    }
    const json::string* string(std::string_view name) {
        const json::value* const value = member(name);
        if (value == nullptr) return nullptr;
        if (!value->is_string()) return spoil(name), nullptr;
        return &value->get_string();
    }
    std::optional<std::vector<std::string>> texts(std::string_view name, const json::value& value) {
        if (!value.is_array()) return spoil(name), std::nullopt;
        std::vector<std::string> list;
        for (const json::value& element : value.get_array()) {
            if (!element.is_string()) return spoil(name), std::nullopt;
            list.emplace_back(std::string_view(element.get_string()));
        }
        return list;
    }

    const json::object& object_;
    std::string bad_;
};

Error bad_member(const char* operation, const std::string& name) {
    return {ErrorKind::BadAnswer, std::string(operation) + ": " + name + " is not of the documented form"};
}

SecretBytes request_body(const json::object& members) {
    return SecretBytes(json::serialize(members));
}

}  // namespace

io::Task<Result<SecretValue>> SecretsManager::get_secret_value(std::string secret_id,
                                                               std::optional<std::string> version_id,
                                                               std::optional<std::string> version_stage) {
    json::object request{{"SecretId", secret_id}};
    if (version_id) request["VersionId"] = *version_id;
    if (version_stage) request["VersionStage"] = *version_stage;
    const Result<json::value> answer = co_await client_.call_json("GetSecretValue", request_body(request));
    if (!answer) co_return fail(answer.error());
    Members members(*answer);
    SecretValue value;
    value.arn = members.text("ARN");
    value.name = members.text("Name");
    value.version_id = members.text("VersionId");
    value.secret_string = members.secret("SecretString");
    value.secret_binary = members.secret("SecretBinary");
    value.version_stages = members.texts("VersionStages");
    value.created_date = members.number("CreatedDate");
    if (value.secret_binary && !is_base64(value.secret_binary->reveal())) members.spoil("SecretBinary");
    if (!members.bad().empty()) co_return fail(bad_member("GetSecretValue", members.bad()));
    co_return value;
}

io::Task<Result<SecretDescription>> SecretsManager::describe_secret(std::string secret_id) {
    const json::object request{{"SecretId", secret_id}};
    const Result<json::value> answer = co_await client_.call_json("DescribeSecret", request_body(request));
    if (!answer) co_return fail(answer.error());
    Members members(*answer);
    SecretDescription description;
    description.arn = members.text("ARN");
    description.name = members.text("Name");
    description.version_ids_to_stages = members.texts_by_name("VersionIdsToStages");
    if (!members.bad().empty()) co_return fail(bad_member("DescribeSecret", members.bad()));
    co_return description;
}

}  // namespace sma::aws
