// SPDX-License-Identifier: Apache-2.0
#include "aws/service_error.hpp"

#include "aws/json.hpp"
#include "aws/xml.hpp"
#include "base/ascii.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <initializer_list>

namespace sma::aws {
namespace {

constexpr std::size_t kLongestCode = 256;
constexpr std::size_t kLongestMessage = 4096;
// Their messages may go on with the canonical request that the service made, session token included.
constexpr std::array<std::string_view, 3> kSignatureCodes{"InvalidSignatureException", "SignatureDoesNotMatch",
                                                          "InvalidSignature"};

// At most `limit` bytes of `text`, no UTF-8 character cut in two.
std::string_view at_most(std::string_view text, std::size_t limit) {
    if (text.size() <= limit) return text;
    while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0U) == 0x80U)
        --limit;
    return text.substr(0, limit);
}

std::string_view fit_to_show(std::string_view code, std::string_view message) {
    if (std::ranges::find(kSignatureCodes, code) != kSignatureCodes.end()) {
        message = message.substr(0, message.find('\n'));
        message = ascii::trimmed(message.substr(0, message.find("The Canonical String")));
    }
    return at_most(message, kLongestMessage);
}

Error service_error(std::string_view code, std::string_view message, unsigned status) {
    const std::string_view shown = fit_to_show(code, message);
    return Error::service(std::string(at_most(code, kLongestCode)), std::string(shown), status);
}

// The first of `names` that is a string.
std::string_view text_member(const boost::json::object& object, std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) {
        const boost::json::value* const value = object.if_contains(name);
        if (value != nullptr && value->is_string()) return value->get_string();
    }
    return {};
}

}  // namespace

std::string_view bare_code(std::string_view raw) noexcept {
    raw = raw.substr(0, raw.find(':'));
    const std::size_t hash = raw.rfind('#');
    return hash == std::string_view::npos ? raw : raw.substr(hash + 1);
}

Error read_json_error(const HttpResponse& response) {
    std::string_view code = response.header("x-amzn-errortype");
    std::string_view message;
    const Result<boost::json::value> body = parse_json(response.body.reveal());
    if (body && body->is_object()) {
        const boost::json::object& members = body->get_object();
        if (code.empty()) code = text_member(members, {"code", "__type"});
        message = text_member(members, {"message", "Message", "errorMessage"});
    }
    return service_error(bare_code(code), message, response.status);
}

Error read_query_error(const HttpResponse& response) {
    const xml::Document document(response.body.reveal());
    return service_error(document.text("Error", "Code"), document.text("Error", "Message"), response.status);
}

Error complete(Error error) {
    if (error.kind() != ErrorKind::Service || !error.code().empty()) return error;
    return Error::service({}, "HTTP " + std::to_string(error.http_status()) + " without an error code",
                          error.http_status());
}

}  // namespace sma::aws
