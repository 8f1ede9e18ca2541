// SPDX-License-Identifier: Apache-2.0
#include "secrets/render.hpp"

#include <boost/json/serializer.hpp>

#include <array>
#include <charconv>
#include <optional>
#include <string_view>

namespace sma::secrets {
namespace {

// Boost.JSON escapes as the reference does: \" \\ \b \f \n \r \t, other controls as \u00xx, all else as it is.
void append_string(SecretBytes& out, std::string_view text) {
    boost::json::serializer serializer;
    serializer.reset(boost::json::string_view(text.data(), text.size()));
    while (!serializer.done()) {
        constexpr std::size_t step = 512;
        const std::size_t before = out.size();
        const std::span<char> room = out.extend(step);
        const std::size_t written = serializer.read(room.data(), room.size()).size();
        out.truncate(before + written);
    }
}

void append_or_null(SecretBytes& out, const std::optional<std::string>& text) {
    if (text)
        append_string(out, *text);
    else
        out.append("null");
}

}  // namespace

std::string created_date_text(double seconds) {
    std::array<char, 400> digits{};  // the longest double without exponent has 309 digits before the point
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), seconds, std::chars_format::fixed);
    return {digits.data(), end.ptr};
}

SecretBytes render(const aws::SecretValue& value) {
    SecretBytes out;
    const std::size_t secret = value.secret_string ? value.secret_string->size() : 0;
    const std::size_t binary = value.secret_binary ? value.secret_binary->size() : 0;
    out.reserve(512 + secret + secret / 8 + binary);
    out.append(R"({"ARN":)");
    append_or_null(out, value.arn);
    out.append(R"(,"Name":)");
    append_or_null(out, value.name);
    out.append(R"(,"VersionId":)");
    append_or_null(out, value.version_id);
    if (value.secret_string) {
        out.append(R"(,"SecretString":)");
        append_string(out, value.secret_string->reveal());
    }
    if (value.secret_binary) {
        out.append(R"(,"SecretBinary":)");
        append_string(out, value.secret_binary->reveal());
    }
    if (value.version_stages) {
        out.append(R"(,"VersionStages":[)");
        bool first = true;
        for (const std::string& stage : *value.version_stages) {
            if (!first) out.push_back(',');
            first = false;
            append_string(out, stage);
        }
        out.push_back(']');
    }
    out.append(R"(,"CreatedDate":)");
    if (value.created_date)
        append_string(out, created_date_text(*value.created_date));
    else
        out.append("null");
    out.push_back('}');
    // Hand over a block of the right size: what is cached stays for long.
    return out.copy();
}

}  // namespace sma::secrets
