// SPDX-License-Identifier: Apache-2.0
#include "emulator/sts.hpp"

#include "base/ascii.hpp"
#include "base/result.hpp"
#include "emulator/members.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <ctime>

namespace sma::emulator {

namespace {

constexpr const char* kNamespace = "https://sts.amazonaws.com/doc/2011-06-15/";
constexpr std::int64_t kDurationMin = 900;
constexpr std::int64_t kDurationMax = 43'200;
constexpr std::int64_t kChainedMax = 3'600;

bool is_word(char c) noexcept {
    return ascii::is_alnum(c) || c == '_';
}
bool is_session_name(std::string_view text) noexcept {
    constexpr std::string_view others = "+=,.@-";
    return std::ranges::all_of(text, [&](char c) { return is_word(c) || others.find(c) != std::string_view::npos; });
}
bool is_external_id(std::string_view text) noexcept {
    constexpr std::string_view others = "+=,.@:/-";
    return std::ranges::all_of(text, [&](char c) { return is_word(c) || others.find(c) != std::string_view::npos; });
}

constexpr TextRule kRoleArn{20, 2048};
constexpr TextRule kSessionName{2, 64, "[\\w+=,.@-]*", is_session_name};
constexpr TextRule kExternalId{2, 1224, "[\\w+=,.@:\\/-]*", is_external_id};

std::string element(std::string_view name, std::string_view text) {
    return "<" + std::string(name) + ">" + xml_escape(text) + "</" + std::string(name) + ">";
}

std::string iso_time(WallTime time) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::array<char, 32> text{};
    const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return {text.data(), size};
}

Response xml(unsigned status, const SecretBytes& body) {
    Response response;
    response.status = status;
    response.headers.emplace_back("Content-Type", "text/xml");
    response.body = body.copy();
    return response;
}

std::string metadata(std::string_view request_id) {
    return "<ResponseMetadata>" + element("RequestId", request_id) + "</ResponseMetadata>";
}

// The fifth field of an ARN.
std::string_view account_in(std::string_view arn) {
    for (int i = 0; i < 4; ++i)
        arn.remove_prefix(std::min(arn.find(':'), arn.size() - 1) + 1);
    return arn.substr(0, arn.find(':'));
}

Response caller_identity(const Identity& caller, std::string_view request_id) {
    const std::string body = "<GetCallerIdentityResponse xmlns=\"" + std::string(kNamespace) +
                             "\"><GetCallerIdentityResult>" + element("Arn", caller.arn) +
                             element("UserId", caller.user_id) + element("Account", account_in(caller.arn)) +
                             "</GetCallerIdentityResult>" + metadata(request_id) + "</GetCallerIdentityResponse>";
    return xml(200, SecretBytes(body));
}

struct Assumption {
    std::string role_arn;
    std::string session_name;
    std::string external_id;
    std::int64_t duration = kChainedMax;
};

std::unexpected<Error> validation_error(std::string message) {
    return fail(Error::service("ValidationError", std::move(message), 400));
}

Result<Assumption> read_assumption(const Form& form, const Identity& caller) {
    Violations violations;
    const auto required = [&](std::string_view name, std::string_view path, const TextRule& rule) {
        const std::string_view text = parameter(form, name);
        if (text.empty()) {
            violations.add("null", path, "Member must not be null");
        } else {
            violations.check_text(text, path, rule);
        }
        return std::string(text);
    };
    Assumption wanted;
    wanted.role_arn = required("RoleArn", "roleArn", kRoleArn);
    wanted.session_name = required("RoleSessionName", "roleSessionName", kSessionName);
    wanted.external_id = parameter(form, "ExternalId");
    if (!wanted.external_id.empty()) violations.check_text(wanted.external_id, "externalId", kExternalId);
    const std::string_view duration = parameter(form, "DurationSeconds");
    if (!duration.empty()) {
        const auto [end, error] = std::from_chars(duration.data(), duration.data() + duration.size(), wanted.duration);
        if (error != std::errc() || end != duration.data() + duration.size()) {
            return fail(Error::service("MalformedInput", "DurationSeconds is not a number", 400));
        }
        const std::string shown = "'" + std::to_string(wanted.duration) + "'";
        if (wanted.duration < kDurationMin) {
            violations.add(shown, "durationSeconds", "Member must have value greater than or equal to 900");
        } else if (wanted.duration > kDurationMax) {
            violations.add(shown, "durationSeconds", "Member must have value less than or equal to 43200");
        }
    }
    if (auto valid = violations.result(); !valid) return validation_error(valid.error().message());
    if (!wanted.role_arn.starts_with("arn:")) return validation_error(wanted.role_arn + " is invalid");
    if (caller.role != nullptr && wanted.duration > kChainedMax) {
        return validation_error("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by "
                                "role chaining");
    }
    return wanted;
}

Response assume_role(Accounts& accounts, const Identity& caller, const Form& form, WallTime now,
                     std::string_view request_id) {
    const auto wanted = read_assumption(form, caller);
    if (!wanted) return sts_error(wanted.error(), request_id);
    const Role* role = accounts.find_role(wanted->role_arn);
    const bool known_outside = role != nullptr && (!role->external_id || *role->external_id == wanted->external_id);
    if (!known_outside || !role->allowed) {
        return sts_error(Error::service("AccessDenied",
                                        "User: " + caller.arn +
                                            " is not authorized to perform: sts:AssumeRole on "
                                            "resource: " +
                                            wanted->role_arn,
                                        403),
                         request_id);
    }
    const WallTime expires = std::chrono::floor<std::chrono::seconds>(now) + std::chrono::seconds(wanted->duration);
    const TemporaryKey issued = accounts.issue(*role, wanted->session_name, expires);
    SecretBytes body("<AssumeRoleResponse xmlns=\"" + std::string(kNamespace) + "\"><AssumeRoleResult>" +
                     "<AssumedRoleUser>" + element("AssumedRoleId", issued.key->identity.user_id) +
                     element("Arn", issued.key->identity.arn) + "</AssumedRoleUser><Credentials>" +
                     element("AccessKeyId", issued.id) + "<SecretAccessKey>");
    body.append(issued.key->secret.reveal());
    body.append("</SecretAccessKey><SessionToken>");
    body.append(issued.key->session_token.reveal());
    body.append("</SessionToken>" + element("Expiration", iso_time(expires)) +
                "</Credentials><PackedPolicySize>6</PackedPolicySize></AssumeRoleResult>" + metadata(request_id) +
                "</AssumeRoleResponse>");
    return xml(200, body);
}

struct StsName {
    std::string_view json;
    const char* query;
    unsigned status;
};

constexpr StsName kStsNames[] = {
    {"MissingAuthenticationTokenException", "MissingAuthenticationToken", 403},
    {"IncompleteSignatureException", "IncompleteSignature", 400},
    {"UnrecognizedClientException", "InvalidClientTokenId", 403},
    {"ExpiredTokenException", "ExpiredToken", 403},
    {"InvalidSignatureException", "SignatureDoesNotMatch", 403},
};

}  // namespace

std::string_view parameter(const Form& form, std::string_view name) noexcept {
    const auto found = std::ranges::find(form, name, &Form::value_type::first);
    return found == form.end() ? std::string_view() : std::string_view(found->second);
}

Response sts_error(const Error& error, std::string_view request_id) {
    std::string_view code = error.code();
    unsigned status = error.http_status();
    for (const StsName& name : kStsNames) {
        if (name.json != code) continue;
        code = name.query;
        status = name.status;
        break;
    }
    const std::string body = "<ErrorResponse xmlns=\"" + std::string(kNamespace) + "\"><Error>" +
                             element("Type", "Sender") + element("Code", code) + element("Message", error.message()) +
                             "</Error>" + element("RequestId", request_id) + "</ErrorResponse>";
    return xml(status, SecretBytes(body));
}

Response sts_answer(Accounts& accounts, const AccessKey& caller, const Form& form, WallTime now,
                    std::string_view request_id) {
    const std::string_view action = parameter(form, "Action");
    // A copy: issuing a key may forget the oldest one, which may be the caller's.
    const Identity identity = caller.identity;
    if (action == "GetCallerIdentity") return caller_identity(identity, request_id);
    if (action == "AssumeRole") return assume_role(accounts, identity, form, now, request_id);
    if (action.empty()) {
        return sts_error(Error::service("MissingAction", "The request must contain the parameter Action", 400),
                         request_id);
    }
    return sts_error(Error::service("InvalidAction",
                                    "Could not find operation " + std::string(action) + " for version " +
                                        std::string(parameter(form, "Version")),
                                    400),
                     request_id);
}

}  // namespace sma::emulator
