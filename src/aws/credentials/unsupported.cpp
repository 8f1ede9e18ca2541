// SPDX-License-Identifier: Apache-2.0
#include "aws/credentials/unsupported.hpp"

#include <utility>

namespace sma::aws {

UnsupportedProvider::UnsupportedProvider(std::string_view name, std::optional<std::string> configured_by)
    : name_(name), configured_by_(std::move(configured_by)) {}

io::Task<Result<CredentialsPtr>> UnsupportedProvider::get() {
    if (!configured_by_) co_return CredentialsPtr();
    co_return fail(Error(ErrorKind::NoCredentials, *configured_by_ + " asks for the credential provider \"" +
                                                       std::string(name_) + "\", which this version does not support")
                       .with_hint("use AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or static keys in a profile"));
}

}  // namespace sma::aws
