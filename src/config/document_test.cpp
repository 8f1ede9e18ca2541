// SPDX-License-Identifier: Apache-2.0
// The examples and the reference page say everything the table of keys says. Run from the root of the repository.
#include "base/file.hpp"
#include "config/load.hpp"
#include "config/schema.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <regex>

namespace sma::config {
namespace {

std::string contents(const std::filesystem::path& path) {
    const Result<std::string> text = read_file(path);
    EXPECT_TRUE(text) << text.error().message() << "; run in the root of the repository";
    return text.value_or("");
}

bool supported(const Key& key) {
    return !key.nested.starts_with(kCertificateSection);
}

/// A commented-out setting is "#key = ..."; prose is "# Text".
std::string with_all_settings(const std::string& text) {
    return std::regex_replace(text, std::regex("(^|\n)#(?=[a-z_]+ = )"), "$1");
}

class ExampleTest : public ::testing::TestWithParam<std::pair<Form, std::string_view>> {
protected:
    [[nodiscard]] static Form form() { return GetParam().first; }
    [[nodiscard]] static std::string_view file() { return GetParam().second; }
};

INSTANTIATE_TEST_SUITE_P(Forms, ExampleTest,
                         ::testing::Values(std::pair(Form::Flat, std::string_view("examples/config.toml")),
                                           std::pair(Form::Nested, std::string_view("examples/config-nested.toml"))),
                         [](const auto& form) { return form.param.first == Form::Flat ? "Flat" : "Nested"; });

TEST_P(ExampleTest, IsValidAndSaysTheDefaults) {
    const Result<Loaded> loaded = load(file());
    ASSERT_TRUE(loaded) << loaded.error().message();
    EXPECT_EQ(loaded->warnings, std::vector<std::string>());
    EXPECT_EQ(loaded->config, Config{});
}

TEST_P(ExampleTest, IsValidWithEverySetting) {
    const Result<Loaded> loaded = parse(with_all_settings(contents(file())), file());
    ASSERT_TRUE(loaded) << loaded.error().message();
    EXPECT_EQ(loaded->warnings, std::vector<std::string>());
    EXPECT_TRUE(loaded->config.region);
    EXPECT_TRUE(loaded->config.credentials_file_path);
    EXPECT_EQ(loaded->config.prefetch.secrets.size(), 2U);
    EXPECT_EQ(loaded->config.prefetch.filter_tags.size(), 2U);
}

TEST_P(ExampleTest, NamesEveryKeyInItsSection) {
    // Each setting as the section's header left it: SECTION.NAME.
    std::vector<std::string> named;
    std::string section;
    const std::string text = with_all_settings(contents(file()));
    const std::regex line("(^|\n)(?:\\[([a-z_.]+)\\]|([a-z_]+) = )");
    for (std::sregex_iterator it(text.begin(), text.end(), line), end; it != end; ++it) {
        if ((*it)[2].matched) {
            section = (*it)[2].str() + ".";
        } else {
            named.push_back(section + (*it)[3].str());
        }
    }
    for (const Key& key : keys()) {
        const std::string_view path = key.path(form());
        if (path.empty() || !supported(key)) continue;
        EXPECT_EQ(std::ranges::count(named, path), 1) << path << " is missing in " << file();
    }
}

TEST(ReferencePageTest, HasARowForEachKey) {
    const std::string page = contents("doc/configuration.md");
    for (const Key& key : keys()) {
        if (!supported(key)) continue;
        constexpr std::string_view manager = "capabilities.secrets_manager.";
        std::string_view nested = key.nested;
        if (nested.starts_with(manager)) nested.remove_prefix(manager.size());
        const std::string row = key.flat.empty() ? fmt::format("\n| - | `{}` |", nested)
                                                 : fmt::format("\n| `{}` | `{}` |", key.flat, nested);
        EXPECT_TRUE(page.contains(row)) << "doc/configuration.md has no row" << row;
    }
}

TEST(ReferencePageTest, QuotesEachMessage) {
    const std::string page = contents("doc/configuration.md");
    for (const Key& key : keys()) {
        const std::string_view message = std::visit(
            [](const auto& rule) {
                if constexpr (requires { rule.message; }) return rule.message;
                if constexpr (requires { rule.empty_message; }) return rule.empty_message;
                return std::string_view();
            },
            key.rule);
        EXPECT_TRUE(page.contains(message)) << message;
    }
}

TEST(SchemaTest, PathsAreUnique) {
    for (const Form form : {Form::Flat, Form::Nested}) {
        for (const Key& key : keys()) {
            if (!key.path(form).empty()) EXPECT_EQ(find_key(form, key.path(form)), &key) << key.path(form);
        }
    }
}

TEST(SchemaTest, SectionsAndNamesFollowFromThePaths) {
    EXPECT_TRUE(is_section(Form::Flat, "prefetch"));
    EXPECT_FALSE(is_section(Form::Flat, "http_port"));
    EXPECT_FALSE(is_section(Form::Flat, "pre"));
    EXPECT_TRUE(is_section(Form::Nested, "capabilities.secrets_manager"));
    EXPECT_EQ(names_in(Form::Nested, "capabilities.secrets_manager.cache"),
              (std::vector<std::string_view>{"ttl_seconds", "cache_size"}));
    EXPECT_EQ(nested_path_of("log_to_file"), "logging.log_to_file");
    EXPECT_EQ(nested_path_of("prefetch"), "capabilities.secrets_manager.prefetch");
    EXPECT_EQ(nested_path_of("enabled"), "");
    EXPECT_EQ(find_key(Form::Flat, ""), nullptr);
}

}  // namespace
}  // namespace sma::config
