// SPDX-License-Identifier: Apache-2.0
#include "emulator/seeds.hpp"

#include "aws/endpoint.hpp"
#include "base/file.hpp"
#include "base/random.hpp"
#include "emulator/codec.hpp"
#include "emulator/emulator.hpp"
#include "emulator/seed_document.hpp"

#include <algorithm>
#include <initializer_list>
#include <set>

namespace sma::emulator {

namespace {

/// One table of the file: its known keys, and a note of everything that is wrong with it.
class Table {
public:
    Table(const Node& node, const std::string& file, std::vector<std::string>& errors)
        : node_(node), file_(file), errors_(errors) {}

    void allow(std::initializer_list<std::string_view> names) {
        for (const Member& member : node_.members) {
            if (std::ranges::find(names, member.name) != names.end()) continue;
            std::string known;
            for (const std::string_view name : names)
                known += (known.empty() ? "" : ", ") + std::string(name);
            error(member.place, "unknown key '" + member.name + "'; known are " + known);
        }
    }
    [[nodiscard]] const Node* get(std::string_view name) const {
        const auto found = std::ranges::find(node_.members, name, &Member::name);
        return found == node_.members.end() ? nullptr : &found->value;
    }
    [[nodiscard]] const Node* get(std::string_view name, Node::Kind kind) {
        const Node* node = get(name);
        if (node == nullptr || node->kind == kind) return node;
        error(node->place, "'" + std::string(name) + "' must be " + std::string(name_of(kind)) + ", not " +
                               std::string(name_of(node->kind)));
        return nullptr;
    }
    [[nodiscard]] std::optional<std::string> text(std::string_view name) {
        const Node* node = get(name, Node::Kind::Text);
        if (node == nullptr) return std::nullopt;
        return std::string(node->text.reveal());
    }
    [[nodiscard]] std::string required_text(std::string_view name) {
        auto found = text(name);
        if (get(name) == nullptr) error(node_.place, "'" + std::string(name) + "' is missing");
        if (found && found->empty()) error(get(name)->place, "'" + std::string(name) + "' must not be empty");
        return found.value_or("");
    }
    [[nodiscard]] std::vector<std::string> texts(std::string_view name) {
        std::vector<std::string> texts;
        const Node* list = get(name, Node::Kind::List);
        if (list == nullptr) return texts;
        for (const Node& item : list->items) {
            if (item.kind == Node::Kind::Text) {
                texts.emplace_back(item.text.reveal());
            } else {
                error(item.place, "'" + std::string(name) + "' must be a list of strings");
            }
        }
        return texts;
    }
    /// The tables of a list of tables.
    template <class Use>
    void each_table(std::string_view name, Use use) {
        const Node* list = get(name, Node::Kind::List);
        if (list == nullptr) return;
        for (const Node& item : list->items) {
            if (item.kind == Node::Kind::Table) {
                use(Table(item, file_, errors_));
            } else {
                error(item.place, "'" + std::string(name) + "' must be a list of tables");
            }
        }
    }
    void error(Place place, const std::string& what) { errors_.push_back(prefix_of(file_, place) + what); }
    void error(const std::string& what) { error(node_.place, what); }
    /// Where `name` stands, or the table.
    [[nodiscard]] Place place(std::string_view name) const {
        const Node* node = get(name);
        return node != nullptr ? node->place : node_.place;
    }

private:
    const Node& node_;
    const std::string& file_;
    std::vector<std::string>& errors_;
};

/// value, binary or json: at most one of them.
std::optional<SecretValue> read_value(Table& table) {
    const int given = (table.get("value") != nullptr ? 1 : 0) + (table.get("binary") != nullptr ? 1 : 0) +
                      (table.get("json") != nullptr ? 1 : 0);
    if (given == 0) return std::nullopt;
    if (given > 1) {
        table.error("give one of 'value', 'binary' and 'json', not several");
        return std::nullopt;
    }
    SecretValue value;
    std::string_view name = "json";
    if (const Node* json = table.get("json")) {
        value.bytes = to_json(*json);
    } else if (table.get("value") != nullptr) {
        name = "value";
        const Node* text = table.get("value", Node::Kind::Text);
        if (text == nullptr) return std::nullopt;
        value.bytes = text->text.copy();
    } else {
        name = "binary";
        const Node* text = table.get("binary", Node::Kind::Text);
        if (text == nullptr) return std::nullopt;
        auto bytes = base64_decode(text->text.reveal());
        if (!bytes) {
            table.error(text->place, "'binary' must be base64");
            return std::nullopt;
        }
        value = {true, std::move(*bytes)};
    }
    if (value.bytes.empty() || value.bytes.size() > kValueLimit) {
        table.error(table.place(name),
                    "a secret's value has 1 to 65536 bytes, not " + std::to_string(value.bytes.size()));
        return std::nullopt;
    }
    return value;
}

std::vector<Tag> read_tags(Table& table) {
    std::vector<Tag> tags;
    const Node* node = table.get("tags", Node::Kind::Table);
    if (node == nullptr) return tags;
    for (const Member& member : node->members) {
        if (member.value.kind == Node::Kind::Text) {
            tags.push_back({member.name, std::string(member.value.text.reveal())});
        } else {
            table.error(member.value.place, "the tag '" + member.name + "' must be a string");
        }
    }
    return tags;
}

struct SeedVersion {
    SecretValue value;
    std::vector<std::string> stages;
};

std::vector<SeedVersion> read_versions(Table& table) {
    std::vector<SeedVersion> versions;
    std::set<std::string, std::less<>> seen;
    table.each_table("versions", [&](Table entry) {
        entry.allow({"value", "binary", "json", "stages"});
        auto value = read_value(entry);
        auto stages = entry.texts("stages");
        for (const std::string& stage : stages) {
            if (stage.empty() || stage.size() > 256) {
                entry.error(entry.place("stages"), "a staging label has 1 to 256 characters");
            } else if (!seen.insert(stage).second) {
                entry.error(entry.place("stages"), "the staging label '" + stage + "' is on two versions");
            }
        }
        if (value) {
            versions.push_back({std::move(*value), std::move(stages)});
        } else if (entry.get("value") == nullptr && entry.get("binary") == nullptr && entry.get("json") == nullptr) {
            entry.error("a version needs one of 'value', 'binary' and 'json'");
        }
    });
    if (!versions.empty() && !seen.contains(kCurrent)) {
        table.error(table.place("versions"), "one of the versions must have the stage AWSCURRENT");
    }
    return versions;
}

class Loader {
public:
    Loader(Service& service, const std::string& file) : service_(service), file_(file) {}

    Result<std::string> load(const Node& root) {
        Table table(root, file_, errors_);
        table.allow({"secrets", "access_keys", "roles"});
        table.each_table("secrets", [&](Table one) { secret(one); });
        table.each_table("access_keys", [&](Table one) { access_key(one); });
        table.each_table("roles", [&](Table one) { role(one); });
        if (!errors_.empty()) {
            std::string all;
            for (const std::string& error : errors_)
                all += (all.empty() ? "" : "\n") + error;
            return fail(ErrorKind::InvalidInput, std::move(all));
        }
        if (!service_.accounts().has_keys()) {
            static_cast<void>(service_.accounts().add_key(kAccessKeyId, SecretBytes(kSecretAccessKey), {}, ""));
        }
        return example_;
    }

private:
    void secret(Table& table) {
        table.allow({"name", "value", "binary", "json", "description", "tags", "versions"});
        NewSecret wanted;
        wanted.name = table.required_text("name");
        if (!wanted.name.empty() && (!is_secret_name(wanted.name) || wanted.name.size() > 512)) {
            table.error(table.place("name"), "a secret's name has 1 to 512 letters, digits and characters of /_+=.@-");
            return;
        }
        wanted.description = table.text("description").value_or("");
        wanted.tags = read_tags(table);
        wanted.token = random_uuid();
        wanted.value = read_value(table);
        auto versions = read_versions(table);
        if (table.get("versions") != nullptr &&
            (table.get("value") != nullptr || table.get("binary") != nullptr || table.get("json") != nullptr)) {
            table.error(table.place("versions"), "give either 'versions' or one of 'value', 'binary' and 'json'");
        }
        const std::string name = wanted.name;
        if (name.empty()) return;
        if (service_.store().find(name)) {
            table.error(table.place("name"), "the secret '" + name + "' is there already");
            return;
        }
        const bool readable = wanted.value ? !wanted.value->binary : !versions.empty();
        const auto created = service_.store().create(std::move(wanted));
        if (!created) {
            table.error(created.error().message());
            return;
        }
        for (SeedVersion& version : versions) {
            service_.store().add_version(**created, random_uuid(), std::move(version.value), std::move(version.stages));
        }
        if (example_.empty() && readable) example_ = name;
    }

    void access_key(Table& table) {
        table.allow({"id", "secret", "session_token", "arn", "user"});
        const std::string id = table.required_text("id");
        const Node* secret = table.get("secret", Node::Kind::Text);
        if (table.get("secret") == nullptr) table.error("'secret' is missing");
        const Node* token = table.get("session_token", Node::Kind::Text);
        std::string arn = table.text("arn").value_or("");
        const auto user = table.text("user");
        if (!arn.empty() && user) table.error(table.place("user"), "give 'arn' or 'user', not both");
        if (!arn.empty() && !arn.starts_with("arn:")) table.error(table.place("arn"), "'arn' must begin with arn:");
        if (user && arn.empty()) {
            arn = "arn:" + std::string(aws::partition_name(service_.store().region())) +
                  ":iam::" + service_.accounts().account() + ":user/" + *user;
        }
        if (id.empty() || secret == nullptr) return;
        if (secret->text.empty()) table.error(secret->place, "'secret' must not be empty");
        if (!service_.accounts().add_key(id, secret->text.copy(), token != nullptr ? token->text.copy() : SecretBytes(),
                                         std::move(arn))) {
            table.error(table.place("id"), "the access key '" + id + "' is there already");
        }
    }

    void role(Table& table) {
        table.allow({"arn", "allowed", "external_id", "denied_secrets"});
        Role role;
        role.arn = table.required_text("arn");
        if (const Node* allowed = table.get("allowed", Node::Kind::Boolean)) role.allowed = allowed->boolean;
        role.external_id = table.text("external_id");
        role.denied_secrets = table.texts("denied_secrets");
        if (role.arn.empty()) return;
        const std::size_t account = role.arn.find(":iam::");
        const std::size_t resource = role.arn.find(":role/");
        if (!role.arn.starts_with("arn:") || account == std::string::npos || resource == std::string::npos ||
            resource < account || role.arn.ends_with('/')) {
            table.error(table.place("arn"), "a role's ARN looks like arn:aws:iam::123456789012:role/NAME");
            return;
        }
        const std::string arn = role.arn;
        if (!service_.accounts().add_role(std::move(role))) {
            table.error(table.place("arn"), "the role '" + arn + "' is there already");
        }
    }

    Service& service_;
    const std::string& file_;
    std::vector<std::string> errors_;
    std::string example_;
};

}  // namespace

Result<std::string> load_seeds(Service& service, std::string_view text, SeedFormat format, const std::string& file) {
    auto root = format == SeedFormat::Json ? parse_seed_json(text, file) : parse_seed_toml(text, file);
    if (!root) return fail(std::move(root.error()));
    if (root->kind != Node::Kind::Table) {
        return fail(ErrorKind::InvalidInput, prefix_of(file, root->place) + "must be an object with the keys secrets, "
                                                                            "access_keys, roles");
    }
    return Loader(service, file).load(*root);
}

Result<std::string> load_seed_file(Service& service, const std::filesystem::path& path) {
    const auto text = read_secret_file(path);
    if (!text) return fail(text.error());
    const SeedFormat format = path.extension() == ".json" ? SeedFormat::Json : SeedFormat::Toml;
    return load_seeds(service, text->reveal(), format, path.string());
}

}  // namespace sma::emulator
