// SPDX-License-Identifier: Apache-2.0
#include "cli/arguments.hpp"
#include "cli/notify.hpp"
#include "cli/reload.hpp"
#include "cli/token_file.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <cstddef>
#include <cstring>
#include <ctime>
#include <fstream>
#include <functional>
#include <map>

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace sma::cli {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class ScratchTest : public ::testing::Test {
protected:
    void SetUp() override {
        fs::remove_all(root_);
        fs::create_directories(root_);
    }
    void TearDown() override { fs::remove_all(root_); }
    static std::string read(const fs::path& file) {
        std::ifstream stream(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(stream), {}};
    }
    fs::path root_ = fs::path(::testing::TempDir()) / ("sma_cli_test_" + std::to_string(::getpid()));
};

struct Parsed {
    Arguments arguments;
    std::string out;
    std::string err;
};

Parsed parse(std::vector<const char*> words) {
    words.insert(words.begin(), "aws-secrets-manager-agent");
    Parsed parsed;
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    parsed.arguments = parse_arguments(static_cast<int>(words.size()), words.data());
    parsed.out = ::testing::internal::GetCapturedStdout();
    parsed.err = ::testing::internal::GetCapturedStderr();
    return parsed;
}
// What serves says nothing.
Arguments serving(std::vector<const char*> words) {
    const Parsed parsed = parse(std::move(words));
    EXPECT_EQ(parsed.arguments.command, Command::Serve) << parsed.err;
    EXPECT_EQ(parsed.out + parsed.err, "");
    return parsed.arguments;
}

TEST(ArgumentsTest, ServesWithoutAnyWord) {
    const Arguments arguments = serving({});
    EXPECT_FALSE(arguments.config);
    EXPECT_FALSE(arguments.v3_form);
}

TEST(ArgumentsTest, TheV2Form) {
    for (const std::vector<const char*>& words :
         std::vector<std::vector<const char*>>{{"-c", "a.toml"},
                                               {"--config", "a.toml"},
                                               {"--config=a.toml"},
                                               {"-ca.toml"},
                                               {"-c", "b", "--config", "a.toml"}}) {
        const Arguments arguments = serving(words);
        EXPECT_EQ(arguments.config, "a.toml");
        EXPECT_FALSE(arguments.v3_form);
    }
}

TEST(ArgumentsTest, TheV3Forms) {
    for (const char* group : {"sm", "asm"}) {
        EXPECT_TRUE(serving({group, "start"}).v3_form);
        EXPECT_FALSE(serving({group, "start"}).config);
        EXPECT_EQ(serving({group, "start", "-c", "a.toml"}).config, "a.toml");
        EXPECT_EQ(serving({group, "start", "--config", "a.toml"}).config, "a.toml");
        EXPECT_EQ(serving({group, "start", "--config=a.toml"}).config, "a.toml");
    }
}

TEST(ArgumentsTest, Dev) {
    const Arguments defaults = parse({"dev"}).arguments;
    EXPECT_EQ(defaults.command, Command::Dev);
    EXPECT_EQ(defaults.port, std::nullopt);
    EXPECT_EQ(defaults.backend_port, 0);
    EXPECT_FALSE(defaults.secrets || defaults.token_file || defaults.config);
    const Arguments all =
        parse({"dev", "--secrets", "s.toml", "--port", "0", "--backend-port=4566", "--token-file", "t", "-c", "a.toml"})
            .arguments;
    EXPECT_EQ(all.command, Command::Dev);
    EXPECT_EQ(all.secrets, "s.toml");
    EXPECT_EQ(all.port, 0);
    EXPECT_EQ(all.backend_port, 4566);
    EXPECT_EQ(all.token_file, "t");
    EXPECT_EQ(all.config, "a.toml");
}

TEST(ArgumentsTest, HelpAndVersionGoToStandardOutput) {
    for (const std::vector<const char*>& words : std::vector<std::vector<const char*>>{{"-h"},
                                                                                       {"--help"},
                                                                                       {"help"},
                                                                                       {"help", "sm"},
                                                                                       {"--version"},
                                                                                       {"-V"},
                                                                                       {"sm", "--help"},
                                                                                       {"sm", "start", "-h"},
                                                                                       {"dev", "--help"}}) {
        const Parsed parsed = parse(words);
        EXPECT_EQ(parsed.arguments.command, Command::Exit) << words.front();
        EXPECT_EQ(parsed.arguments.exit_code, 0) << words.front();
        EXPECT_NE(parsed.out, "") << words.front();
        EXPECT_EQ(parsed.err, "") << words.front();
    }
    EXPECT_EQ(parse({"--version"}).out, "aws-secrets-manager-agent " SMA_VERSION "\n");
    EXPECT_NE(parse({"--help"}).out.find("--config"), std::string::npos);
}

TEST(ArgumentsTest, UsageErrorsGoToStandardErrorAndEndWith2) {
    for (const std::vector<const char*>& words : std::vector<std::vector<const char*>>{{"--unknown"},
                                                                                       {"-x"},
                                                                                       {"word"},
                                                                                       {"-c"},
                                                                                       {"--config"},
                                                                                       {"sm"},
                                                                                       {"asm"},
                                                                                       {"sm", "stop"},
                                                                                       {"sm", "start", "x"},
                                                                                       {"sm", "start", "--unknown"},
                                                                                       {"sm", "start", "-c"},
                                                                                       {"dev", "--port", "x"},
                                                                                       {"dev", "--port", "65536"},
                                                                                       {"dev", "--port", "-1"},
                                                                                       {"dev", "x"},
                                                                                       {"start"},
                                                                                       {"sm", "start", "dev"},
                                                                                       {"dev", "sm", "start"}}) {
        const Parsed parsed = parse(words);
        EXPECT_EQ(parsed.arguments.command, Command::Exit) << words.back();
        EXPECT_EQ(parsed.arguments.exit_code, 2) << words.back();
        EXPECT_EQ(parsed.out, "") << words.back();
        EXPECT_NE(parsed.err, "") << words.back();
    }
}

TEST(ArgumentsTest, CertificateCommandsAreRecognisedWhateverFollows) {
    for (const std::vector<const char*>& words :
         std::vector<std::vector<const char*>>{{"acm", "start"},
                                               {"acm"},
                                               {"acm", "reload", "-c", "a.toml", "--no-sudoers"},
                                               {"setup-config-based-permissions", "--no-sudoers"}}) {
        EXPECT_EQ(parse(words).arguments.command, Command::Unsupported) << words.back();
    }
}

using Variables = std::map<std::string, std::string, std::less<>>;

Notifier notifier(Variables variables) {
    return Notifier([variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
    });
}

// The service manager's end.
class NotifySocket {
public:
    explicit NotifySocket(const std::string& name) : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, name.data(), name.size());
        if (name.front() == '@') address.sun_path[0] = '\0';
        const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
        bound_ = ::bind(fd_, reinterpret_cast<const sockaddr*>(&address), size) == 0;
    }
    ~NotifySocket() { ::close(fd_); }
    NotifySocket(const NotifySocket&) = delete;
    NotifySocket& operator=(const NotifySocket&) = delete;
    [[nodiscard]] bool bound() const { return bound_; }
    /// The next datagram, or "(nothing)".
    [[nodiscard]] std::string next() const {
        pollfd wait{fd_, POLLIN, 0};
        if (::poll(&wait, 1, 0) != 1) return "(nothing)";  // what was sent to a local socket is there already
        std::string text(4096, '\0');
        text.resize(static_cast<std::size_t>(std::max<ssize_t>(::recv(fd_, text.data(), text.size(), 0), 0)));
        return text;
    }

private:
    int fd_;
    bool bound_ = false;
};

class NotifierTest : public ScratchTest {};

TEST_F(NotifierTest, SpeaksToASocketInTheFileSystem) {
    const std::string name = (root_ / "notify").string();
    const NotifySocket manager(name);
    ASSERT_TRUE(manager.bound());
    const Notifier agent = notifier({{"NOTIFY_SOCKET", name}});
    agent.ready();
    EXPECT_EQ(manager.next(), "READY=1\nSTATUS=Serving secrets");
    agent.stopping();
    EXPECT_EQ(manager.next(), "STOPPING=1\nSTATUS=Finishing requests in flight");
    agent.send("WATCHDOG=1");
    EXPECT_EQ(manager.next(), "WATCHDOG=1");
    EXPECT_EQ(manager.next(), "(nothing)");
}

TEST_F(NotifierTest, SpeaksToAnAbstractSocket) {
    const std::string name = "@sma-cli-test-" + std::to_string(::getpid());
    const NotifySocket manager(name);
    ASSERT_TRUE(manager.bound());
    notifier({{"NOTIFY_SOCKET", name}}).ready();
    EXPECT_EQ(manager.next(), "READY=1\nSTATUS=Serving secrets");
}

TEST_F(NotifierTest, ReloadingCarriesTheMonotonicTime) {
    const std::string name = (root_ / "notify").string();
    const NotifySocket manager(name);
    const auto now = [] {
        timespec time{};
        ::clock_gettime(CLOCK_MONOTONIC, &time);
        return std::int64_t{time.tv_sec} * 1'000'000 + time.tv_nsec / 1000;
    };
    const std::int64_t before = now();
    notifier({{"NOTIFY_SOCKET", name}}).reloading();
    const std::string text = manager.next();
    const std::string start = "RELOADING=1\nMONOTONIC_USEC=";
    ASSERT_TRUE(text.starts_with(start)) << text;
    const std::int64_t sent = std::stoll(text.substr(start.size()));
    EXPECT_GE(sent, before);
    EXPECT_LE(sent, now());
}

TEST_F(NotifierTest, NobodyListensOrTheNameIsTooLong) {
    notifier({}).ready();
    notifier({{"NOTIFY_SOCKET", ""}}).ready();
    notifier({{"NOTIFY_SOCKET", (root_ / "nobody").string()}}).ready();
    notifier({{"NOTIFY_SOCKET", std::string(200, 'a')}}).ready();
}

TEST_F(NotifierTest, TheLongestName) {
    std::string name = (root_ / "").string();
    name += std::string(sizeof(sockaddr_un::sun_path) - 1 - name.size(), 'n');
    const NotifySocket manager(name);
    ASSERT_TRUE(manager.bound());
    notifier({{"NOTIFY_SOCKET", name}}).send("READY=1");
    EXPECT_EQ(manager.next(), "READY=1");
}

TEST_F(NotifierTest, Watchdog) {
    const std::string own = std::to_string(::getpid());
    EXPECT_EQ(notifier({}).watchdog(), std::nullopt);
    EXPECT_EQ(notifier({{"WATCHDOG_USEC", "30000000"}}).watchdog(), 30s);
    EXPECT_EQ(notifier({{"WATCHDOG_USEC", "30000000"}, {"WATCHDOG_PID", own}}).watchdog(), 30s);
    EXPECT_EQ(notifier({{"WATCHDOG_USEC", "30000000"}, {"WATCHDOG_PID", "1"}}).watchdog(), std::nullopt);
    for (const char* bad : {"", "0", "-1", "x", "1s", " 1", "99999999999999999999999"}) {
        EXPECT_EQ(notifier({{"WATCHDOG_USEC", bad}}).watchdog(), std::nullopt) << bad;
    }
}

TEST(ReloadTest, WhatTakesEffectAtOnceIsNotNamed) {
    const config::Config before;
    config::Config after;
    EXPECT_TRUE(settings_that_need_a_restart(before, after).empty());
    after.log_level = log::Level::Debug;
    after.ttl = 1s;
    after.cache_size = 1;
    after.max_conn = 1;
    after.ignore_transient_errors = false;
    EXPECT_TRUE(settings_that_need_a_restart(before, after).empty());
}

TEST(ReloadTest, WhatNeedsARestartIsNamed) {
    using config::Config;
    const std::vector<std::pair<std::string, std::function<void(Config&)>>> settings = {
        {"enabled", [](Config& c) { c.enabled = false; }},
        {"log_to_file", [](Config& c) { c.log_to_file = false; }},
        {"http_port", [](Config& c) { c.http_port = 1; }},
        {"ssrf_headers", [](Config& c) { c.ssrf_headers = {"A"}; }},
        {"ssrf_env_variables", [](Config& c) { c.ssrf_env_variables.pop_back(); }},
        {"path_prefix", [](Config& c) { c.path_prefix = "/"; }},
        {"region", [](Config& c) { c.region = "eu-west-1"; }},
        {"validate_credentials", [](Config& c) { c.validate_credentials = false; }},
        {"credentials_file_path", [](Config& c) { c.credentials_file_path = "/a"; }},
        {"max_roles", [](Config& c) { c.max_roles = 1; }},
        {"allowed_hosts", [](Config& c) { c.allowed_hosts = {"a"}; }},
        {"allow_long_term_credentials", [](Config& c) { c.allow_long_term_credentials = true; }},
        {"workers", [](Config& c) { c.workers = 1; }},
        {"prefetch", [](Config& c) { c.prefetch.cache_buffer_ratio = 0.5; }},
        {"prefetch", [](Config& c) { c.prefetch.max_jitter = 1s; }},
        {"prefetch", [](Config& c) { c.prefetch.secrets.push_back({.secret_id = "a", .role_arn = {}}); }},
        {"prefetch", [](Config& c) { c.prefetch.filter_tags.push_back({.key = "a", .role_arn = {}}); }},
    };
    for (const auto& [name, change] : settings) {
        const Config before;
        Config after;
        change(after);
        EXPECT_EQ(settings_that_need_a_restart(before, after), std::vector<std::string>{name});
        EXPECT_EQ(settings_that_need_a_restart(after, before), std::vector<std::string>{name});
        EXPECT_TRUE(settings_that_need_a_restart(after, after).empty()) << name;
    }
}

TEST(ReloadTest, SeveralAreNamedInOneGo) {
    config::Config after;
    after.workers = 2;
    after.http_port = 0;
    EXPECT_EQ(settings_that_need_a_restart({}, after), (std::vector<std::string>{"http_port", "workers"}));
}

class TokenFileTest : public ScratchTest {
protected:
    fs::path file_ = root_ / "token";
};

TEST_F(TokenFileTest, IsMadeForItsOwnerAloneAndRemoved) {
    const mode_t before = ::umask(0);
    {
        const auto token = TokenFile::create(file_, {});
        ASSERT_TRUE(token);
        EXPECT_EQ(token->path(), file_);
        const std::string text = read(file_);
        ASSERT_EQ(text.size(), 65U);
        EXPECT_EQ(text.find_first_not_of("0123456789abcdef"), 64U);
        EXPECT_EQ(text.back(), '\n');
        EXPECT_EQ(fs::status(file_).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    }
    ::umask(before);
    EXPECT_FALSE(fs::exists(file_));
}

TEST_F(TokenFileTest, EachIsAnother) {
    const auto one = TokenFile::create(file_, {});
    const auto two = TokenFile::create(root_ / "other", {});
    EXPECT_NE(read(one->path()), read(two->path()));
}

TEST_F(TokenFileTest, AnExistingOneIsUsedAndLeft) {
    std::ofstream(file_) << "mine\n";
    {
        const auto token = TokenFile::create(file_, {});
        ASSERT_TRUE(token);
        EXPECT_EQ(token->path(), file_);
    }
    EXPECT_EQ(read(file_), "mine\n");
}

TEST_F(TokenFileTest, AnExistingOneThatHoldsNothingIsNotUsed) {
    std::ofstream stream(file_);
    const auto token = TokenFile::create(file_, {});
    ASSERT_FALSE(token);
    EXPECT_EQ(token.error().message(), "cannot make the token file " + file_.string() + ": File exists (os error 17)");
    EXPECT_TRUE(fs::exists(file_));
}

TEST_F(TokenFileTest, ADanglingLinkIsNotFollowed) {
    fs::create_symlink(root_ / "elsewhere", file_);
    EXPECT_FALSE(TokenFile::create(file_, {}));
    EXPECT_FALSE(fs::exists(root_ / "elsewhere"));
}

TEST_F(TokenFileTest, WhereItCannotBeMade) {
    const auto token = TokenFile::create(root_ / "no" / "token", {});
    ASSERT_FALSE(token);
    EXPECT_EQ(token.error().kind(), ErrorKind::System);
    EXPECT_EQ(token.error().message(), "cannot make the token file " + (root_ / "no" / "token").string() +
                                           ": No such file or directory (os error 2)");
}

TEST_F(TokenFileTest, MovedItIsRemovedOnce) {
    auto token = TokenFile::create(file_, {});
    ASSERT_TRUE(token);
    {
        const TokenFile moved = std::move(*token);
        EXPECT_TRUE(fs::exists(file_));
    }
    EXPECT_FALSE(fs::exists(file_));
    std::ofstream(file_) << "of somebody else";
    {
        const TokenFile empty = std::move(*token);
    }
    EXPECT_TRUE(fs::exists(file_));
}

TEST_F(TokenFileTest, WithoutAWishItGoesToTheRuntimeDirectory) {
    if (::access("/var/run", W_OK) == 0 || fs::exists("/var/run/awssmatoken")) {
        GTEST_SKIP() << "the well-known place can be used here";
    }
    const auto token = TokenFile::create({}, root_.string());
    ASSERT_TRUE(token);
    EXPECT_EQ(token->path(), root_ / "awssmatoken");
    const auto fallback = TokenFile::create({}, {});
    ASSERT_TRUE(fallback);
    EXPECT_EQ(fs::status(fallback->path().parent_path()).permissions(), fs::perms::owner_all);
}

}  // namespace
}  // namespace sma::cli
