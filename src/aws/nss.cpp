// SPDX-License-Identifier: Apache-2.0
#include "aws/nss.hpp"

#include <mutex>

#if __has_include(<nss.h>)
#include <nss.h>
#endif

namespace sma::aws {

void use_built_in_lookups() {
#if __has_include(<nss.h>)
    static std::once_flag once;
    std::call_once(once, [] {
        ::__nss_configure_lookup("hosts", "files dns");
        ::__nss_configure_lookup("passwd", "files");
    });
#endif
}

}  // namespace sma::aws
