// SPDX-License-Identifier: Apache-2.0
#include "emulator/accounts.hpp"

#include "aws/endpoint.hpp"
#include "base/random.hpp"

#include <utility>

namespace sma::emulator {

namespace {

constexpr std::size_t kIssuedLimit = 1'000;
constexpr std::size_t kUniqueIdRest = 16;
constexpr std::size_t kSecretLength = 40;
constexpr std::size_t kTokenLength = 344;
constexpr std::string_view kIdAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view kKeyAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char pick(std::string_view alphabet) {
    return alphabet[random_below(static_cast<std::uint32_t>(alphabet.size()))];
}

std::string unique_id(std::string_view prefix) {
    std::string id(prefix);
    for (std::size_t i = 0; i < kUniqueIdRest; ++i)
        id += pick(kIdAlphabet);
    return id;
}

SecretBytes random_secret(std::size_t length) {
    SecretBytes secret;
    for (char& c : secret.extend(length))
        c = pick(kKeyAlphabet);
    return secret;
}

}  // namespace

Accounts::Accounts(std::string_view region, std::string account)
    : partition_(aws::partition_name(region)), account_(std::move(account)) {}

bool Accounts::add_key(std::string id, SecretBytes secret, SecretBytes session_token, std::string arn) {
    if (arn.empty()) arn = "arn:" + partition_ + ":iam::" + account_ + ":user/developer";
    AccessKey key{std::move(secret), std::move(session_token), Identity{std::move(arn), unique_id("AIDA")}};
    return keys_.try_emplace(std::move(id), std::move(key)).second;
}

bool Accounts::add_role(Role role) {
    role.id = unique_id("AROA");
    std::string arn = role.arn;
    return roles_.try_emplace(std::move(arn), std::move(role)).second;
}

aws::CredentialsPtr Accounts::any_key(std::string source) const {
    if (keys_.empty()) return nullptr;
    const auto& [id, key] = *keys_.begin();
    auto credentials = std::make_shared<aws::Credentials>();
    credentials->access_key_id = id;
    credentials->secret_access_key = key.secret.copy();
    credentials->session_token = key.session_token.copy();
    credentials->source = std::move(source);
    return credentials;
}

const AccessKey* Accounts::find_key(std::string_view id) const {
    const auto found = keys_.find(id);
    return found == keys_.end() ? nullptr : &found->second;
}

const Role* Accounts::find_role(std::string_view arn) const {
    const auto found = roles_.find(arn);
    return found == roles_.end() ? nullptr : &found->second;
}

TemporaryKey Accounts::issue(const Role& role, std::string_view session_name, WallTime expires) {
    // arn:aws:iam::ACCOUNT:role/path/NAME becomes arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION: the path is left out.
    const std::string_view arn = role.arn;
    const std::size_t account = arn.find("::");
    const std::string_view number = arn.substr(account + 2, arn.find(':', account + 2) - account - 2);
    const std::string_view name = arn.substr(arn.rfind('/') + 1);
    Identity identity;
    identity.arn = "arn:" + partition_ + ":sts::" + std::string(number) + ":assumed-role/" + std::string(name) + "/" +
                   std::string(session_name);
    identity.user_id = role.id + ":" + std::string(session_name);
    identity.role = &role;

    if (issued_.size() >= kIssuedLimit) {
        keys_.erase(issued_.front());
        issued_.pop_front();
    }
    std::string id = unique_id("ASIA");
    AccessKey key{random_secret(kSecretLength), random_secret(kTokenLength), std::move(identity), expires};
    const auto [place, added] = keys_.insert_or_assign(id, std::move(key));
    issued_.push_back(id);
    return {std::move(id), &place->second};
}

}  // namespace sma::emulator
