// SPDX-License-Identifier: Apache-2.0
#include "aws/retry.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace sma::aws {
namespace {

constexpr int kRetryCost = 5;
constexpr int kTimeoutCost = 10;
constexpr int kFirstTrySuccess = 1;
constexpr int kLongestWait = 20;  // seconds

constexpr std::array<std::string_view, 14> kThrottlingCodes{
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottledException",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "TransactionInProgressException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "LimitExceededException",
    "RequestThrottled",
    "SlowDown",
    "PriorRequestNotComplete",
    "EC2ThrottledException",
};
constexpr std::array<std::string_view, 3> kTransientCodes{"RequestTimeout", "RequestTimeoutException",
                                                          "IDPCommunicationError"};
constexpr std::array<unsigned, 4> kTransientStatuses{500, 502, 503, 504};
constexpr std::array<std::string_view, 6> kSkewCodes{
    "RequestTimeTooSkewed",  "RequestExpired", "InvalidSignatureException",
    "SignatureDoesNotMatch", "AuthFailure",    "RequestInTheFuture",
};
constexpr std::array<std::string_view, 4> kRefusedCodes{"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId",
                                                        "UnrecognizedClientException"};

template <class List, class Value>
bool holds(const List& list, const Value& value) noexcept {
    return std::ranges::find(list, value) != list.end();
}

RetryClass classify_answer(const Error& error) noexcept {
    const std::string_view code = error.code();
    if (holds(kThrottlingCodes, code)) return RetryClass::Throttling;
    if (holds(kTransientCodes, code)) return RetryClass::Transient;
    return holds(kTransientStatuses, error.http_status()) ? RetryClass::Transient : RetryClass::Never;
}

}  // namespace

RetryClass classify(const Error& error) noexcept {
    switch (error.kind()) {
    case ErrorKind::Timeout:
        return RetryClass::Timeout;
    case ErrorKind::Service:
        return classify_answer(error);
    case ErrorKind::Connection:
    case ErrorKind::Truncated:
    case ErrorKind::Closed:
    case ErrorKind::BadAnswer:
        return RetryClass::Transient;
    case ErrorKind::InvalidInput:
    case ErrorKind::System:
    case ErrorKind::NoCredentials:
    case ErrorKind::NoRegion:
    case ErrorKind::Stopping:
    case ErrorKind::Internal:
        return RetryClass::Never;
    }
    return RetryClass::Never;
}

bool may_be_clock_skew(const Error& error) noexcept {
    return holds(kSkewCodes, std::string_view(error.code()));
}

bool are_credentials_refused(const Error& error) noexcept {
    return holds(kRefusedCodes, std::string_view(error.code()));
}

std::chrono::nanoseconds retry_delay(int n, double random) noexcept {
    const int longest = std::min(1 << std::clamp(n - 1, 0, 10), kLongestWait);
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(random * longest));
}

int RetryQuota::take(RetryClass retry) noexcept {
    const int cost = retry == RetryClass::Timeout ? kTimeoutCost : kRetryCost;
    if (retry == RetryClass::Never || tokens_ < cost) return 0;
    tokens_ -= cost;
    return cost;
}

void RetryQuota::on_success(int last_cost) noexcept {
    tokens_ = std::min(kCapacity, tokens_ + (last_cost == 0 ? kFirstTrySuccess : last_cost));
}

}  // namespace sma::aws
