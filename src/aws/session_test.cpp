// SPDX-License-Identifier: Apache-2.0
#include "aws/credentials/static.hpp"
#include "aws/http_test_server.hpp"
#include "aws/session.hpp"
#include "aws/test_support.hpp"

#include <gtest/gtest.h>

namespace sma::aws {
namespace {

using testing::fake_environment;
using testing::ok;
using testing::Peer;
using testing::run_on;
using testing::TempDirectory;
using testing::TestServer;
using testing::Variables;

class SessionTest : public ::testing::Test {
protected:
    SessionTest() { loop_.start(); }
    ~SessionTest() override { loop_.stop(); }
    Result<std::unique_ptr<Session>> make(Variables variables, SessionOptions options = {}) {
        variables.emplace("HOME", directory_.path().string());
        variables.emplace("AWS_CONFIG_FILE", "~/config");
        variables.emplace("AWS_SHARED_CREDENTIALS_FILE", "~/credentials");
        options.environment = fake_environment(std::move(variables));
        return Session::create(std::move(options), loop_.executor(), offload_, Clock::system());
    }
    std::string endpoint(Variables variables, SessionOptions options = {}) {
        const auto session = make(std::move(variables), std::move(options));
        if (!session) return session.error().describe();
        const auto url = (*session)->secrets_manager_endpoint();
        return url ? *url : std::string(to_string(url.error().kind()));
    }
    const Variables keys{{"AWS_ACCESS_KEY_ID", "AKE"}, {"AWS_SECRET_ACCESS_KEY", "SKE"}, {"AWS_REGION", "eu-west-1"}};
    TempDirectory directory_;
    io::EventLoop loop_{"session-test"};
    io::Offload offload_;
};

TEST_F(SessionTest, CallsTheServiceAtItsEndpoint) {
    std::string seen;
    TestServer server([&seen](Peer& peer, int) {
        seen = peer.read_request();
        peer.write(ok(R"({"SecretString":"hunter2"})"));
    });
    Variables variables = keys;
    variables["AWS_ENDPOINT_URL"] = "http://127.0.0.1:" + std::to_string(server.port());
    const auto session = make(variables).value();
    EXPECT_EQ(session->secrets_manager_endpoint().value(), variables["AWS_ENDPOINT_URL"]);
    const auto value = run_on(loop_, session->secrets_manager().get_secret_value("id", std::nullopt, std::nullopt));
    ASSERT_TRUE(value) << value.error().describe();
    EXPECT_EQ(value->secret_string->reveal(), "hunter2");
    EXPECT_NE(seen.find("User-Agent: aws-secrets-manager-agent/"), std::string::npos) << seen;
    EXPECT_NE(seen.find("/eu-west-1/secretsmanager/aws4_request"), std::string::npos);
    EXPECT_EQ(session->credentials().name(), "env");
}

TEST_F(SessionTest, AFlakyServiceIsAskedAgain) {
    TestServer server([](Peer& peer, int number) {
        peer.read_request();
        if (number == 1) return;  // closed, no answer
        if (number == 2)
            peer.write("HTTP/1.1 503 Slow\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        else
            peer.write(ok(R"({"SecretString":"x"})"));
    });
    Variables variables = keys;
    variables["AWS_ENDPOINT_URL"] = "http://127.0.0.1:" + std::to_string(server.port());
    const auto session = make(variables).value();
    EXPECT_TRUE(run_on(loop_, session->secrets_manager().get_secret_value("id", std::nullopt, std::nullopt)));
    EXPECT_EQ(server.connections(), 3);
}

TEST_F(SessionTest, RegionAndItsSource) {
    EXPECT_EQ(make(keys).value()->region()->source, "AWS_REGION");
    SessionOptions options;
    options.region = "us-west-2";
    EXPECT_EQ(make(keys, options).value()->region()->name, "us-west-2");
    options.region = "us-gov-west-1-fips";
    EXPECT_EQ(make(keys, options).value()->region()->name, "us-gov-west-1");
    EXPECT_EQ(endpoint(keys, options), "https://secretsmanager-fips.us-gov-west-1.amazonaws.com");
    EXPECT_EQ(endpoint(keys), "https://secretsmanager.eu-west-1.amazonaws.com");
    EXPECT_EQ(endpoint({}), "NoRegion");
    const auto bad = make({{"AWS_REGION", "not a region"}}).value();
    EXPECT_NE(bad->secrets_manager_endpoint().error().message().find("not a region"), std::string::npos);
}

TEST_F(SessionTest, FailsForWhatNoLaterEventMends) {
    const auto fails_with = [this](Variables variables, const char* part) {
        const auto session = make(std::move(variables));
        ASSERT_FALSE(session) << part;
        EXPECT_EQ(session.error().kind(), ErrorKind::InvalidInput);
        EXPECT_NE(session.error().message().find(part), std::string::npos) << session.error().message();
    };
    fails_with({{"AWS_PROFILE", "nope"}}, "(nope) could not be found");
    fails_with({{"AWS_REGION", "eu-west-1"}, {"AWS_ENDPOINT_URL", "nonsense"}}, "URL");
    fails_with({{"AWS_MAX_ATTEMPTS", "0"}}, "AWS_MAX_ATTEMPTS");
    fails_with({{"AWS_MAX_ATTEMPTS", "many"}}, "AWS_MAX_ATTEMPTS");
    fails_with({{"AWS_RETRY_MODE", "often"}}, "AWS_RETRY_MODE");
    fails_with({{"AWS_STS_REGIONAL_ENDPOINTS", "global"}}, "AWS_STS_REGIONAL_ENDPOINTS");
    fails_with({{"HTTPS_PROXY", "http://:1"}}, "HTTPS_PROXY");
    directory_.write("config", "junk");
    fails_with({}, "config:1");
}

TEST_F(SessionTest, TheDevelopmentBackendNeedsNothingElse) {
    directory_.write("config", "junk");
    SessionOptions options;
    options.region = "us-east-1";
    options.endpoint_url = "http://127.0.0.1:4566";
    options.static_credentials = make_credentials({"AK", SecretBytes("S"), {}, {}, "dev"}).value();
    const auto session = make({{"AWS_PROFILE", "nope"}, {"AWS_ENDPOINT_URL", "http://other"}}, options).value();
    EXPECT_EQ(session->secrets_manager_endpoint().value(), "http://127.0.0.1:4566");
    EXPECT_EQ(run_on(loop_, session->credentials().get()).value()->access_key_id, "AK");
}

TEST_F(SessionTest, ACredentialsFileIsUsedAlone) {
    SessionOptions options;
    options.credentials_file =
        directory_.write("own", "[p]\naws_access_key_id=A\naws_secret_access_key=S\naws_session_token=T\n");
    Variables variables = keys;
    variables["AWS_PROFILE"] = "p";
    const auto session = make(variables, options).value();
    EXPECT_EQ(run_on(loop_, session->credentials().get()).value()->access_key_id, "A");
    EXPECT_EQ(session->credentials().name(), "credentials-file");
    loop_.stop();
}

TEST_F(SessionTest, StopRefusesNewCalls) {
    const auto session = make(keys).value();
    const auto body = [](Session& s) -> io::Task<ErrorKind> {
        s.stop();
        const auto value = co_await s.secrets_manager().get_secret_value("id", std::nullopt, std::nullopt);
        co_return value.error().kind();
    };
    EXPECT_EQ(run_on(loop_, body(*session)), ErrorKind::Stopping);
}

}  // namespace
}  // namespace sma::aws
