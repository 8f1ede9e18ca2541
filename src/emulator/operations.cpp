// SPDX-License-Identifier: Apache-2.0
#include "emulator/operations.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <utility>

namespace sma::emulator {

namespace {

constexpr std::pair<std::string_view, Operation> kOperations[] = {
    {"BatchGetSecretValue", batch_get_secret_value},
    {"CreateSecret", create_secret},
    {"DeleteSecret", delete_secret},
    {"DescribeSecret", describe_secret},
    {"GetRandomPassword", get_random_password},
    {"GetSecretValue", get_secret_value},
    {"ListSecretVersionIds", list_secret_version_ids},
    {"ListSecrets", list_secrets},
    {"PutSecretValue", put_secret_value},
    {"RestoreSecret", restore_secret},
    {"TagResource", tag_resource},
    {"UntagResource", untag_resource},
    {"UpdateSecret", update_secret},
    {"UpdateSecretVersionStage", update_secret_version_stage},
};

bool denies(std::string_view denied, std::string_view id) {
    constexpr std::string_view any_suffix = "-??????";  // how policies write the random end of an ARN
    if (denied.ends_with(any_suffix)) denied.remove_suffix(any_suffix.size());
    const std::string_view wanted = name_in(denied);
    const std::string_view name = name_in(id);
    if (wanted.ends_with('*')) return name.starts_with(wanted.substr(0, wanted.size() - 1));
    return name == wanted;
}

/// The fifth part of an ARN.
std::string_view account_in(std::string_view arn) {
    for (int i = 0; i < 4; ++i)
        arn.remove_prefix(std::min(arn.find(':'), arn.size() - 1) + 1);
    return arn.substr(0, arn.find(':'));
}

std::unexpected<Error> access_denied(const Call& call, std::string_view action, std::string_view id,
                                     std::string_view policy) {
    const std::string full = "secretsmanager:" + std::string(action);
    return refuse("AccessDeniedException", "User: " + call.caller.arn + " is not authorized to perform: " + full +
                                               " on resource: " + std::string(id) + " because no " +
                                               std::string(policy) + " policy allows the " + full + " action");
}

}  // namespace

Operation find_operation(std::string_view name) noexcept {
    const auto* const found = std::ranges::find(kOperations, name, &std::pair<std::string_view, Operation>::first);
    return found == std::end(kOperations) ? nullptr : found->second;
}

Result<void> authorize(const Call& call, std::string_view action, std::string_view id) {
    const bool complete_arn = id.starts_with("arn:") && std::ranges::count(id, ':') >= 6;
    if (complete_arn && account_in(id) != call.store.account()) {
        return access_denied(call, action, id, "resource-based");
    }
    const Role* role = call.caller.role;
    if (role == nullptr) return {};
    const bool denied =
        std::ranges::any_of(role->denied_secrets, [&](const std::string& one) { return denies(one, id); });
    if (denied) return access_denied(call, action, id, "identity-based");
    return {};
}

}  // namespace sma::emulator
