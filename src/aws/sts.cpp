// SPDX-License-Identifier: Apache-2.0
#include "aws/sts.hpp"

#include "aws/service_client.hpp"
#include "aws/xml.hpp"

namespace sma::aws {

io::Task<Result<CallerIdentity>> Sts::get_caller_identity() {
    const Result<SecretBytes> answer =
        co_await client_.call_query(SecretBytes("Action=GetCallerIdentity&Version=2011-06-15"));
    if (!answer) co_return fail(answer.error());
    const xml::Document document(answer->reveal());
    const char* const result = "GetCallerIdentityResult";
    CallerIdentity identity{document.text(result, "Account"), document.text(result, "Arn"),
                            document.text(result, "UserId")};
    if (identity.arn.empty()) {
        co_return fail(ErrorKind::BadAnswer, "GetCallerIdentity: the answer is not the documented XML");
    }
    co_return identity;
}

}  // namespace sma::aws
