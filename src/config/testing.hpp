// SPDX-License-Identifier: Apache-2.0
// What the tests of the configuration reader share.
#pragma once

#include "config/load.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace sma::config {

using Strings = std::vector<std::string>;

constexpr std::string_view kPortMessage = "The HTTP port specified in the configuration file isn't valid. "
                                          "The HTTP port must be in the range 1024 to 65535.";

/// What a correct text without warnings says.
inline Config parsed(std::string_view text) {
    const Result<Loaded> loaded = parse(text, "f");
    if (!loaded) {
        ADD_FAILURE() << text << '\n' << loaded.error().message();
        return {};
    }
    EXPECT_EQ(loaded->warnings, Strings{}) << text;
    return loaded->config;
}

/// What a text that is accepted with a word of warning says.
inline Config tolerated(std::string_view text, const Strings& warnings) {
    const Result<Loaded> loaded = parse(text, "f");
    if (!loaded) {
        ADD_FAILURE() << text << '\n' << loaded.error().message();
        return {};
    }
    EXPECT_EQ(loaded->warnings, warnings) << text;
    return loaded->config;
}

/// The whole message for a wrong text.
inline std::string failure(std::string_view text) {
    const Result<Loaded> loaded = parse(text, "f");
    if (loaded) {
        ADD_FAILURE() << "accepted: " << text;
        return {};
    }
    EXPECT_EQ(loaded.error().kind(), ErrorKind::InvalidInput);
    return loaded.error().message();
}

/// The message for a text with one error, from its place on.
inline std::string only_error(std::string_view text) {
    constexpr std::string_view head = "Configuration validation failed with 1 error(s):\n  1. ";
    const std::string message = failure(text);
    EXPECT_TRUE(message.starts_with(head)) << message;
    return message.substr(std::min(head.size(), message.size()));
}

}  // namespace sma::config
