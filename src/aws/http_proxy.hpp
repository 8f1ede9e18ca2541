// SPDX-License-Identifier: Apache-2.0
// Which proxy, if any: HTTPS_PROXY, HTTP_PROXY and NO_PROXY as botocore and Python's urllib read them.
//
// Immutable after from(). The lower-case form of a variable wins, also when it is empty (which turns it off). Loopback
// hosts are never proxied: what listens there is on this machine.
#pragma once

#include "aws/environment.hpp"
#include "aws/url.hpp"
#include "base/secret_bytes.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sma::aws {

class ProxySettings {
public:
    ProxySettings() = default;
    /// ErrorKind::InvalidInput for a proxy URL that cannot be used.
    [[nodiscard]] static Result<ProxySettings> from(const Environment& environment);

    /// The proxy for `url`, or nullptr. Valid as long as this object.
    [[nodiscard]] const Url* select(const Url& url) const;

private:
    [[nodiscard]] bool is_exempt(const Url& url) const;

    std::optional<Url> for_https_;
    std::optional<Url> for_http_;
    std::vector<std::string> exempt_;  ///< lower case, without leading dot
};

/// Value of Proxy-Authorization, or empty when the proxy URL has no user.
[[nodiscard]] SecretBytes proxy_authorization(const Url& proxy);

}  // namespace sma::aws
