// SPDX-License-Identifier: Apache-2.0
// GetRandomPassword.
#include "base/random.hpp"
#include "emulator/answer.hpp"

#include <algorithm>

namespace sma::emulator {

namespace {

constexpr TextRule kExcluded{0, 4096};
constexpr std::int64_t kLengthMax = 4096;
constexpr std::int64_t kLengthDefault = 32;

struct Kind {
    const char* exclude;  ///< the member that leaves it out, or null
    std::string_view characters;
};

constexpr Kind kKinds[] = {
    {"ExcludeLowercase", "abcdefghijklmnopqrstuvwxyz"},
    {"ExcludeUppercase", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
    {"ExcludeNumbers", "0123456789"},
    {"ExcludePunctuation", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"},
};

char pick(std::string_view alphabet) {
    return alphabet[random_below(static_cast<std::uint32_t>(alphabet.size()))];
}

/// The alphabets that are left, one a kind of character, without the empty ones.
std::vector<std::string> alphabets(Members& members) {
    const std::string excluded = members.text("ExcludeCharacters", kExcluded).value_or("");
    std::vector<std::string> alphabets;
    for (const Kind& kind : kKinds) {
        if (members.flag(kind.exclude)) continue;
        alphabets.emplace_back(kind.characters);
    }
    if (members.flag("IncludeSpace")) alphabets.emplace_back(" ");
    for (std::string& one : alphabets) {
        std::erase_if(one, [&](char c) { return excluded.find(c) != std::string::npos; });
    }
    std::erase_if(alphabets, [](const std::string& one) { return one.empty(); });
    return alphabets;
}

SecretBytes make_password(const std::vector<std::string>& alphabets, std::size_t length, bool each_kind) {
    std::string all;
    for (const std::string& one : alphabets)
        all += one;
    SecretBytes password;
    const auto characters = password.extend(length);
    std::size_t made = 0;
    if (each_kind) {
        for (const std::string& one : alphabets)
            characters[made++] = pick(one);
    }
    while (made < length)
        characters[made++] = pick(all);
    for (std::size_t i = length - 1; i > 0; --i) {
        std::swap(characters[i], characters[random_below(static_cast<std::uint32_t>(i + 1))]);
    }
    return password;
}

}  // namespace

Reply get_random_password(Call& call) {
    const auto length = call.members.number("PasswordLength", 1, kLengthMax).value_or(kLengthDefault);
    const bool each_kind = call.members.flag("RequireEachIncludedType", true);
    const auto left = alphabets(call.members);
    if (auto valid = call.violations.result(); !valid) return fail(std::move(valid.error()));
    if (left.empty()) {
        return refuse("InvalidParameterException", "No characters are left to generate a password from.");
    }
    const auto size = static_cast<std::size_t>(length);
    if (each_kind && size < left.size()) {
        return refuse("InvalidParameterException", "Password length is too short based on the required types.");
    }
    const SecretBytes password = make_password(left, size, each_kind);
    json::object answer = new_answer();
    set(answer, "RandomPassword", password.reveal());
    return answer;
}

}  // namespace sma::emulator
