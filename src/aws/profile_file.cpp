// SPDX-License-Identifier: Apache-2.0
#include "aws/profile_file.hpp"

#include "base/ascii.hpp"

#include <set>
#include <utility>
#include <vector>

namespace sma::aws {
namespace {

// Splits as a shell does: blanks, '...', "...", backslash. nullopt for an unclosed quote.
std::optional<std::vector<std::string>> words_of(std::string_view text) {
    std::vector<std::string> words;
    bool inside = false;  // of a word
    char quote = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quote == 0 && ascii::is_space(c)) {
            inside = false;
            continue;
        }
        if (!std::exchange(inside, true)) words.emplace_back();
        const bool escapes = c == '\\' && quote != '\'' && i + 1 < text.size() &&
                             (quote == 0 || text[i + 1] == '"' || text[i + 1] == '\\');
        if (escapes)
            words.back() += text[++i];
        else if (quote == 0 && (c == '"' || c == '\''))
            quote = c;
        else if (c == quote)
            quote = 0;
        else
            words.back() += c;
    }
    if (quote != 0) return std::nullopt;
    return words;
}

class Parser {
public:
    Parser(std::string_view text, ProfileFileKind kind, std::string_view name)
        : rest_(text), kind_(kind), name_(name) {}

    Result<ProfileFile> parse() {
        if (rest_.starts_with("\xEF\xBB\xBF")) return fail(error("a byte order mark stands before the text"));
        while (!rest_.empty() && !failure_) {
            ++line_;
            const std::size_t end = rest_.find('\n');
            line(rest_.substr(0, end));
            rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end + 1);
        }
        finish_value();
        if (failure_) return fail(std::move(*failure_));
        return std::move(file_);
    }

private:
    void line(std::string_view whole) {
        const std::string_view text = ascii::trimmed(whole);
        const bool comment = text.starts_with('#') || text.starts_with(';');
        if (text.empty() || comment) {
            // An empty line within a continued value belongs to it.
            if (!comment && value_ != nullptr) value_->text.push_back('\n');
            return;
        }
        const std::size_t indent = whole.find(text.front());
        if (value_ != nullptr && indent > indent_) {
            value_->text.push_back('\n');
            value_->text.append(text);
            return;
        }
        finish_value();
        indent_ = indent;
        if (text.front() == '[')
            header(text);
        else if (!in_section_)
            set_error("a key before the first [section]");
        else
            key(text);
    }

    void header(std::string_view text) {
        const std::size_t end = text.rfind(']');
        if (end == std::string_view::npos || end == 1) return set_error("a section that is not of the form [NAME]");
        const std::string name(text.substr(1, end - 1));
        if (!seen_.insert(name).second) return set_error("a section that was there before");
        in_section_ = true;
        section_ = place_for(name);
    }

    // Where the keys of this section go; nullptr when nobody reads them.
    ProfileSection* place_for(const std::string& name) {
        if (kind_ == ProfileFileKind::Credentials) return &file_.profiles[name];
        if (name == "default") {
            if (default_is_profile_) set_error("[default] after [profile default]: SDKs disagree about which counts");
            return &file_.profiles[name];
        }
        const std::optional<std::vector<std::string>> words = words_of(name);
        if (!words || words->size() != 2) return nullptr;
        const std::string& kind = words->front();
        if (kind == "profile") {
            const bool is_default = words->back() == "default";
            const bool may_replace = is_default && !default_is_profile_ && seen_.contains("default");
            default_is_profile_ = default_is_profile_ || is_default;
            return fresh(file_.profiles, words->back(), may_replace);
        }
        if (kind == "sso-session") return fresh(file_.sso_sessions, words->back(), false);
        if (kind == "services") return fresh(file_.services, words->back(), false);
        return nullptr;
    }

    template <class Map>
    ProfileSection* fresh(Map& sections, const std::string& name, bool may_replace) {
        const auto [place, is_new] = sections.try_emplace(name);
        if (!is_new && !may_replace) set_error("a section that was there before, quoted in another way");
        place->second.values.clear();
        return &place->second;
    }

    void key(std::string_view text) {
        const std::size_t delimiter = text.find_first_of("=:");
        if (delimiter == std::string_view::npos) return set_error("a line that is neither [SECTION] nor KEY = VALUE");
        const std::string key = ascii::lowered(ascii::trimmed(text.substr(0, delimiter)));
        if (key.empty()) return set_error("a value without a key");
        ProfileSection& section = section_ == nullptr ? ignored_ : *section_;
        if (section_ == nullptr) section.values.erase(key);
        const auto [place, is_new] = section.values.try_emplace(key);
        if (!is_new) return set_error("a key that was there before in its section");
        value_ = &place->second;
        value_->text.append(ascii::trimmed(text.substr(delimiter + 1)));
    }

    // A value is whole: trailing blanks off, and a block of its own if it began with an empty line.
    void finish_value() {
        if (value_ == nullptr) return;
        ProfileValue& value = *std::exchange(value_, nullptr);
        std::string_view text = value.text.reveal();
        while (!text.empty() && ascii::is_space(text.back()))
            text.remove_suffix(1);
        if (text.size() < value.text.size()) value.text.truncate(text.size());
        if (section_ == nullptr || !value.text.reveal().starts_with('\n')) return;
        const SecretBytes block = std::move(value.text);
        value.text = SecretBytes();
        for (std::string_view rest = block.reveal().substr(1); !rest.empty();) {
            const std::size_t end = rest.find('\n');
            const std::string_view entry = rest.substr(0, end);
            rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
            if (entry.empty()) continue;
            const std::size_t equals = entry.find('=');
            if (equals == std::string_view::npos)
                return set_error("above it, an indented block with a line that is not KEY = VALUE");
            const std::string sub(ascii::trimmed(entry.substr(0, equals)));
            const bool is_new = value.nested.try_emplace(sub, ascii::trimmed(entry.substr(equals + 1))).second;
            if (!is_new) return set_error("above it, an indented block with a key twice");
        }
    }

    [[nodiscard]] Error error(const char* what) const {
        return {ErrorKind::InvalidInput, std::string(name_) + ":" + std::to_string(line_) + ": " + what};
    }
    void set_error(const char* what) {
        if (!failure_) failure_ = error(what);
    }

    std::string_view rest_;
    ProfileFileKind kind_;
    std::string_view name_;
    std::size_t line_ = 0;
    std::size_t indent_ = 0;  // of the last section or key
    bool in_section_ = false;
    bool default_is_profile_ = false;
    ProfileSection* section_ = nullptr;
    ProfileSection ignored_;         // what stands in sections that nobody reads is parsed all the same
    ProfileValue* value_ = nullptr;  // the last key's, which indented lines continue
    std::set<std::string> seen_;
    ProfileFile file_;
    std::optional<Error> failure_;
};

}  // namespace

const ProfileValue* ProfileSection::find(std::string_view key) const {
    const auto found = values.find(key);
    return found == values.end() ? nullptr : &found->second;
}

std::optional<std::string> ProfileSection::text(std::string_view key) const {
    const ProfileValue* const value = find(key);
    if (value == nullptr) return std::nullopt;
    return std::string(value->text.reveal());
}

Result<ProfileFile> parse_profile_file(std::string_view text, ProfileFileKind kind, std::string_view name) {
    return Parser(text, kind, name).parse();
}

}  // namespace sma::aws
