// SPDX-License-Identifier: Apache-2.0
// The operations of Secrets Manager: members of a request in, members of the answer out. Not thread-safe.
//
// A new operation is a function here, a line in the table of operations.cpp and a test.
#pragma once

#include "base/result.hpp"
#include "emulator/accounts.hpp"
#include "emulator/members.hpp"
#include "emulator/store.hpp"

#include <boost/json/fwd.hpp>

#include <string_view>

namespace sma::emulator {

/// One call of one operation.
struct Call {
    Call(Store& the_store, const Identity& the_caller, std::string_view the_operation,
         const boost::json::object& object)
        : store(the_store), caller(the_caller), operation(the_operation), members(object, violations) {}
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

    Store& store;
    const Identity& caller;
    std::string_view operation;
    Violations violations;
    Members members;
};

using Reply = Result<boost::json::value>;
using Operation = Reply (*)(Call& call);

/// The operation called `name`, or null.
[[nodiscard]] Operation find_operation(std::string_view name) noexcept;

/// AccessDeniedException when the caller's role may not do `action` with the secret `id`, as the caller named it.
[[nodiscard]] Result<void> authorize(const Call& call, std::string_view action, std::string_view id);

[[nodiscard]] Reply get_secret_value(Call& call);
[[nodiscard]] Reply batch_get_secret_value(Call& call);
[[nodiscard]] Reply describe_secret(Call& call);
[[nodiscard]] Reply list_secrets(Call& call);
[[nodiscard]] Reply list_secret_version_ids(Call& call);
[[nodiscard]] Reply get_random_password(Call& call);
[[nodiscard]] Reply create_secret(Call& call);
[[nodiscard]] Reply put_secret_value(Call& call);
[[nodiscard]] Reply update_secret(Call& call);
[[nodiscard]] Reply update_secret_version_stage(Call& call);
[[nodiscard]] Reply delete_secret(Call& call);
[[nodiscard]] Reply restore_secret(Call& call);
[[nodiscard]] Reply tag_resource(Call& call);
[[nodiscard]] Reply untag_resource(Call& call);

}  // namespace sma::emulator
