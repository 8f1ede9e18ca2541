// SPDX-License-Identifier: Apache-2.0
#include "aws/http.hpp"

#include "base/ascii.hpp"

namespace sma::aws {

std::string_view HttpResponse::header(std::string_view name) const noexcept {
    for (const HttpHeader& header : headers) {
        if (ascii::equals_ignoring_case(header.name, name)) return header.value.reveal();
    }
    return {};
}

}  // namespace sma::aws
