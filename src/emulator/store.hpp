// SPDX-License-Identifier: Apache-2.0
// Secrets, their versions and the staging labels on them, with the rules of AWS Secrets Manager.
//
// Knows nothing of HTTP, JSON or callers. Time comes from the clock it is given. Not thread-safe. Errors are
// ErrorKind::Service in AWS's names and words, status 400. Pointers to a secret stay valid until it is deleted,
// pointers to a version until the next change of its secret.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret_bytes.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sma::emulator {

inline constexpr const char* kCurrent = "AWSCURRENT";
inline constexpr const char* kPrevious = "AWSPREVIOUS";
constexpr std::size_t kValueLimit = 65'536;

struct SecretValue {
    bool binary = false;
    SecretBytes bytes;
    [[nodiscard]] bool same_as(const SecretValue& other) const noexcept {
        return binary == other.binary && bytes.equals(other.bytes.reveal());
    }
};

struct Version {
    std::string id;
    SecretValue value;
    std::vector<std::string> stages;  ///< none: deprecated
    WallTime created;
    std::optional<WallTime> accessed;
    std::uint64_t ordinal = 0;  ///< order of creation
    [[nodiscard]] bool has_stage(std::string_view stage) const noexcept;
};

struct Tag {
    std::string key;
    std::string value;
};

struct Secret {
    std::string arn;
    std::string name;
    std::string description;
    std::string kms_key_id;
    std::string type;
    std::vector<Tag> tags;
    std::vector<Version> versions;  // in order of creation; each label is on at most one of them
    WallTime created;
    WallTime changed;
    std::optional<WallTime> accessed;  ///< a day, as AWS keeps it
    std::optional<WallTime> deleted;   ///< marked for deletion at
    WallTime purge_at;                 ///< gone from here on, if marked
    std::uint64_t ordinal = 0;

    [[nodiscard]] Version* find_version(std::string_view id) noexcept;
    [[nodiscard]] Version* find_stage(std::string_view stage) noexcept;
};

struct NewSecret {
    std::string name;
    std::string token;  ///< the id of the first version
    std::string description{};
    std::string kms_key_id{};
    std::string type{};
    std::vector<Tag> tags{};
    std::optional<SecretValue> value{};
};

struct Changes {
    std::string token;
    std::optional<std::string> description{};
    std::optional<std::string> kms_key_id{};
    std::optional<std::string> type{};
    std::optional<SecretValue> value{};
};

struct StageMove {
    std::string stage;
    std::optional<std::string> from{};
    std::optional<std::string> to{};
};

struct Reading {
    Secret* secret;
    Version* version;
};

class Store {
public:
    Store(const Clock& clock, std::string region, std::string account);

    /// By name, by ARN, or by ARN without its six last characters.
    [[nodiscard]] Result<Secret*> find(std::string_view id);
    /// The same; InvalidRequestException when it is marked for deletion.
    [[nodiscard]] Result<Secret*> find_active(std::string_view id);
    /// All secrets that are not gone, by name.
    [[nodiscard]] std::vector<Secret*> all();

    /// The version that is asked for, and notes the day it was read on.
    [[nodiscard]] Result<Reading> read(std::string_view id, const std::optional<std::string>& version_id,
                                       const std::optional<std::string>& stage);

    [[nodiscard]] Result<Secret*> create(NewSecret wanted);
    [[nodiscard]] Result<Version*> put(Secret& secret, const std::string& token, SecretValue value,
                                       std::vector<std::string> stages);
    /// The new version's id, or empty when no value was given.
    [[nodiscard]] Result<std::string> update(Secret& secret, Changes changes);
    [[nodiscard]] Result<void> move_stage(Secret& secret, const StageMove& move);
    void mark_deleted(Secret& secret, std::chrono::days window);
    void erase(const Secret& secret);
    void restore(Secret& secret);
    [[nodiscard]] Result<void> tag(Secret& secret, const std::vector<Tag>& tags);
    void untag(Secret& secret, const std::vector<std::string>& keys);
    /// A version as it is, no label moves: for seeds.
    void add_version(Secret& secret, std::string id, SecretValue value, std::vector<std::string> stages);

    [[nodiscard]] std::string new_arn(std::string_view name) const;
    [[nodiscard]] const std::string& region() const noexcept { return region_; }
    [[nodiscard]] const std::string& account() const noexcept { return account_; }
    [[nodiscard]] const Clock& clock() const noexcept { return clock_; }

private:
    void drop_purged();
    void touch(Secret& secret) { secret.changed = clock_.wall_now(); }

    const Clock& clock_;
    std::string region_;
    std::string account_;
    std::map<std::string, Secret, std::less<>> secrets_;  // by name
    std::uint64_t next_ordinal_ = 1;
};

/// Letters, digits and /_+=.@-! (the last in names that AWS services make).
[[nodiscard]] bool is_secret_name(std::string_view name) noexcept;
inline constexpr const char* kInvalidName =
    "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!";

/// The name part of a secret's ARN without the random characters at its end, or `id` itself.
[[nodiscard]] std::string_view name_in(std::string_view id) noexcept;

/// `return refuse("ResourceNotFoundException", "...");`: an error of the service, status 400.
[[nodiscard]] inline std::unexpected<Error> refuse(const char* code, std::string message) {
    return fail(Error::service(code, std::move(message), 400));
}

}  // namespace sma::emulator
