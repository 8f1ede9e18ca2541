// SPDX-License-Identifier: Apache-2.0
// A whole server in this process, in front of a played Secrets Manager, spoken to over sockets.
#include "eventually.hpp"
#include "fake_clock.hpp"
#include "fake_secrets_manager.hpp"
#include "io/event_loop.hpp"
#include "server/server.hpp"

#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <future>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sma::server {
namespace {

using namespace std::chrono_literals;
using sma::testing::eventually;
using sma::testing::FakeClock;
using sma::testing::FakeSecretsManager;
using sma::testing::kPatience;

struct Response {
    unsigned status = 0;  ///< 0: the connection ended
    std::string head;
    std::string body;
    [[nodiscard]] bool closes() const { return head.find("\r\nconnection: close\r\n") != std::string::npos; }
    [[nodiscard]] bool says(std::string_view field) const { return head.find(field) != std::string::npos; }
};

// A blocking client with a deadline.
class Client {
public:
    enum class Address : std::uint8_t { V4, V6 };

    explicit Client(std::uint16_t port, int receive_buffer = 0, Address address = Address::V4) {
        fd_ = ::socket(address == Address::V4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (receive_buffer != 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        sockaddr_in6 v6{};
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(port);
        v6.sin6_addr = IN6ADDR_LOOPBACK_INIT;
        connected_ = address == Address::V4 ? ::connect(fd_, reinterpret_cast<const sockaddr*>(&v4), sizeof v4) == 0
                                            : ::connect(fd_, reinterpret_cast<const sockaddr*>(&v6), sizeof v6) == 0;
    }
    ~Client() { close(); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    [[nodiscard]] bool connected() const { return connected_; }
    void close() {
        if (fd_ >= 0) ::close(fd_);
        fd_ = -1;
    }
    void send(std::string_view bytes) const {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return;  // the test will see what it does not get
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
    void end_sending() const { ::shutdown(fd_, SHUT_WR); }

    /// The next answer; status 0 when the connection ends or patience does.
    Response read(bool with_body = true) {
        Response response;
        std::size_t end = 0;
        while ((end = input_.find("\r\n\r\n")) == std::string::npos) {
            if (!fill()) return response;
        }
        response.head = input_.substr(0, end + 2);
        input_.erase(0, end + 4);
        std::size_t length = 0;
        if (const std::size_t at = response.head.find("content-length: "); at != std::string::npos && with_body) {
            length = std::stoul(response.head.substr(at + 16));
        }
        while (input_.size() < length) {
            if (!fill()) return response;
        }
        response.body = input_.substr(0, length);
        input_.erase(0, length);
        response.status = static_cast<unsigned>(std::stoul(response.head.substr(9, 3)));
        return response;
    }
    Response ask(std::string_view bytes) {
        send(bytes);
        return read();
    }
    /// True when the other side ends the connection and nothing more comes before.
    bool ends() {
        if (!input_.empty()) return false;
        const std::size_t before = input_.size();
        while (fill()) {
            if (input_.size() != before) return false;
        }
        return ended_;
    }
    /// True if bytes (or an end) are there now.
    [[nodiscard]] bool readable() const {
        pollfd wait{fd_, POLLIN, 0};
        return ::poll(&wait, 1, 0) == 1;
    }

private:
    bool fill() {
        pollfd wait{fd_, POLLIN, 0};
        if (::poll(&wait, 1, static_cast<int>(std::chrono::milliseconds(kPatience).count())) != 1) return false;
        std::vector<char> room(64UL * 1024);
        const ssize_t got = ::recv(fd_, room.data(), room.size(), 0);
        if (got <= 0) {
            ended_ = true;
            return false;
        }
        input_.append(room.data(), static_cast<std::size_t>(got));
        return true;
    }

    int fd_ = -1;
    bool connected_ = false;
    bool ended_ = false;
    std::string input_;
};

std::string get(std::string_view target, std::string_view fields = "") {
    return "GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\nX-Vault-Token: t0ken\r\n" +
           std::string(fields) + "\r\n";
}
const std::string kPing = "GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n";

class ServerTest : public ::testing::Test {
protected:
    void SetUp() override {
        aws_.script([](const std::string& operation, const boost::json::object& request) {
            const std::string id(request.at("SecretId").as_string());
            if (id == "none") return FakeSecretsManager::error("ResourceNotFoundException");
            if (operation == "DescribeSecret") return FakeSecretsManager::description("any");
            if (id == "big") return FakeSecretsManager::secret(id, std::string(kBig, 'x'));
            return FakeSecretsManager::secret(id, "value of " + id);
        });
        auto token = TokenSource::create({"X-Vault-Token"}, {"TOKEN"}, [](std::string_view) { return "t0ken"; });
        ASSERT_TRUE(token);
        token_ = std::move(*token);
        options_.port = 0;
        upstream_.start();
    }
    void TearDown() override {
        aws_.release();
        // As the agent leaves: no request, then no flight, and only then what flights answer to.
        if (server_) server_->stop(0ms);
        EXPECT_TRUE(upstream_.drain(kPatience));
        server_.reset();
    }
    void serve() {
        service_.emplace(cache::Options{}, aws_.secrets_manager(), upstream_.executor(), clock_);
        auto server = Server::create(options_, *service_, *token_, clock_);
        ASSERT_TRUE(server) << server.error().message();
        server_ = std::move(*server);
        server_->start();
    }
    [[nodiscard]] std::uint16_t port() const { return server_->port(); }
    // Returns when every worker is done with what had reached it: an answer is out before its connection is idle again.
    void settle() {
        for (const io::Executor& worker : server_->executors()) {
            std::promise<void> done;
            io::asio::post(worker, [&done] { done.set_value(); });
            done.get_future().wait();
        }
    }
    void advance(std::chrono::nanoseconds by) {
        settle();
        clock_.advance(by);
    }
    bool calls(std::size_t count) {
        return eventually([&] { return aws_.calls().size() >= count; });
    }

    static constexpr std::size_t kBig = 12UL * 1024 * 1024;

    FakeClock clock_;
    FakeSecretsManager aws_{clock_};
    io::EventLoop upstream_{"upstream"};
    std::unique_ptr<TokenSource> token_;
    std::optional<secrets::SecretService> service_;
    Options options_;
    std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, MissThenHit) {
    serve();
    Client client(port());
    const Response miss = client.ask(get("/v1/a"));
    EXPECT_EQ(miss.status, 200U);
    EXPECT_TRUE(miss.says("\r\nx-cache: miss\r\n")) << miss.head;
    EXPECT_EQ(miss.body, R"({"ARN":"arn:aws:secretsmanager:us-east-1:123456789012:secret:a-AbCdEf","Name":"a",)"
                         R"("VersionId":"v1","SecretString":"value of a","VersionStages":["AWSCURRENT"],)"
                         R"("CreatedDate":"1523477145.5"})");
    advance(7s);
    const Response hit = client.ask(get("/secretsmanager/get?secretId=a"));
    EXPECT_EQ(hit.body, miss.body);
    EXPECT_TRUE(hit.says("\r\nage: 7\r\nx-cache: hit\r\n")) << hit.head;
    EXPECT_EQ(aws_.calls(), std::vector<std::string>{"GetSecretValue a"});
}

TEST_F(ServerTest, RefreshNowAsksAgain) {
    serve();
    Client client(port());
    EXPECT_EQ(client.ask(get("/v1/a")).status, 200U);
    const Response fresh = client.ask(get("/v1/a?refreshNow=true"));
    EXPECT_TRUE(fresh.says("\r\nx-cache: refreshed\r\n")) << fresh.head;
    EXPECT_EQ(aws_.calls().size(), 2U);
}

TEST_F(ServerTest, ErrorsOfAwsArePassedOnAndTheConnectionGoesOn) {
    serve();
    Client client(port());
    const Response missing = client.ask(get("/v1/none"));
    EXPECT_EQ(missing.status, 400U);
    EXPECT_EQ(missing.body, R"({"__type":"ResourceNotFoundException","message":"ResourceNotFoundException it is"})");
    EXPECT_FALSE(missing.says("x-cache"));
    EXPECT_EQ(client.ask(kPing).body, "healthy");
}

TEST_F(ServerTest, RolesAreNotServed) {
    serve();
    Client client(port());
    const Response response = client.ask(get("/v1/a?roleArn=arn:aws:iam::123456789012:role/x"));
    EXPECT_EQ(response.status, 400U);
    EXPECT_NE(response.body.find(R"({"__type":"UnsupportedOperation")"), std::string::npos);
    EXPECT_TRUE(aws_.calls().empty());
}

TEST_F(ServerTest, AWrongTokenIsRefusedAndTheConnectionGoesOn) {
    serve();
    Client client(port());
    EXPECT_EQ(client.ask("GET /v1/a HTTP/1.1\r\nHost: localhost\r\nX-Vault-Token: wrong\r\n\r\n").status, 403U);
    EXPECT_EQ(client.ask(get("/v1/a")).status, 200U);
}

TEST_F(ServerTest, ListensOnBothLoopbacks) {
    serve();
    Client six(port(), 0, Client::Address::V6);
    if (!six.connected()) GTEST_SKIP() << "no IPv6 here";
    EXPECT_EQ(six.ask(kPing).body, "healthy");
}

TEST_F(ServerTest, APortInUseIsNamed) {
    serve();
    Options second = options_;
    second.port = port();
    const auto server = Server::create(second, *service_, *token_, clock_);
    ASSERT_FALSE(server);
    EXPECT_EQ(server.error().message(),
              "Could not bind to 127.0.0.1:" + std::to_string(port()) + ": Address already in use (os error 98)");
    EXPECT_FALSE(server.error().hint().empty());
}

TEST_F(ServerTest, PipelinedRequestsAreAnsweredInOrder) {
    serve();
    Client client(port());
    client.send(get("/v1/a") + kPing + get("/v1/b") + get("/v1/none") + get("/x") + get("/v1/a"));
    EXPECT_NE(client.read().body.find("value of a"), std::string::npos);
    EXPECT_EQ(client.read().body, "healthy");
    EXPECT_NE(client.read().body.find("value of b"), std::string::npos);
    EXPECT_EQ(client.read().status, 400U);
    EXPECT_EQ(client.read().status, 404U);
    EXPECT_TRUE(client.read().says("x-cache: hit"));
}

TEST_F(ServerTest, NothingIsAnsweredBehindAClosingRequest) {
    serve();
    Client client(port());
    client.send("GET /ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" + kPing);
    EXPECT_TRUE(client.read().closes());
    EXPECT_EQ(client.read().status, 0U);
}

TEST_F(ServerTest, OneByteAtATime) {
    serve();
    Client client(port());
    for (const char c : "\r\n\r\n" + kPing)
        client.send({&c, 1});
    EXPECT_EQ(client.read().body, "healthy");
}

TEST_F(ServerTest, WhatIsNotHttpIsRefusedAndClosed) {
    serve();
    const auto status = [this](const std::string& bytes) {
        Client client(port());
        const Response response = client.ask(bytes);
        EXPECT_TRUE(response.closes()) << bytes.substr(0, 80);
        EXPECT_EQ(response.body, "");
        EXPECT_TRUE(client.ends());
        return response.status;
    };
    EXPECT_EQ(status("nonsense\r\n\r\n"), 400U);
    EXPECT_EQ(status(get("/v1/a", "Content-Length: 5\r\n") + "hello"), 400U);
    EXPECT_EQ(status(get("/v1/a", "Transfer-Encoding: chunked\r\n")), 400U);
    EXPECT_EQ(status(get("/" + std::string(66'000, 'a'))), 414U);
    EXPECT_EQ(status(get("/ping", "A: " + std::string(330'000, 'a') + "\r\n")), 431U);
    EXPECT_EQ(status("GET /ping HTTP/1.1\r\nA: " + std::string(400'000, 'a')), 431U);  // has no end
}

TEST_F(ServerTest, TheBodyOfAPostIsNotTakenForARequest) {
    serve();
    Client client(port());
    const Response response = client.ask("POST /v1/a HTTP/1.1\r\nHost: localhost\r\nX-Vault-Token: t0ken\r\n"
                                         "Content-Length: 40\r\n\r\n" +
                                         kPing);
    EXPECT_EQ(response.status, 405U);
    EXPECT_TRUE(response.closes());
    EXPECT_TRUE(client.ends());
}

TEST_F(ServerTest, HeadHasNoBody) {
    serve();
    Client client(port());
    client.send("HEAD /ping HTTP/1.1\r\nHost: localhost\r\n\r\n" + kPing);
    const Response head = client.read(false);
    EXPECT_EQ(head.status, 405U);
    EXPECT_TRUE(head.says("content-length: 11\r\n"));
    EXPECT_EQ(client.read().body, "healthy");
}

TEST_F(ServerTest, ManyConnectionsShareOneFlight) {
    options_.workers = 2;
    serve();
    aws_.hold();
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 20; ++i) {
        clients.push_back(std::make_unique<Client>(port()));
        clients.back()->send(get("/v1/a"));
    }
    ASSERT_TRUE(calls(1));
    aws_.release();
    for (const auto& client : clients)
        EXPECT_EQ(client->read().status, 200U);
    EXPECT_EQ(aws_.calls().size(), 1U);
}

TEST_F(ServerTest, AClientThatHalfClosesGetsItsAnswer) {
    serve();
    aws_.hold();
    Client client(port());
    client.send(get("/v1/a"));
    client.end_sending();
    ASSERT_TRUE(calls(1));
    aws_.release();
    EXPECT_EQ(client.read().status, 200U);
    EXPECT_TRUE(client.ends());
}

TEST_F(ServerTest, HalfARequestAndAHalfCloseEndTheConnection) {
    serve();
    Client client(port());
    client.send("GET /ping HTTP/1.1\r\nHost:");
    client.end_sending();
    EXPECT_TRUE(client.ends());
}

TEST_F(ServerTest, AClientThatLeavesEarlyDoesNotEndTheFlight) {
    serve();
    aws_.hold();
    Client early(port());
    early.send(get("/v1/a"));
    ASSERT_TRUE(calls(1));
    early.close();
    aws_.release();
    Client client(port());
    EXPECT_EQ(client.ask(get("/v1/a")).status, 200U);
    EXPECT_EQ(aws_.calls().size(), 1U);
}

TEST_F(ServerTest, ABigBodyReachesASlowReaderWhole) {
    serve();
    Client client(port(), 64 * 1024);
    client.send(get("/v1/big") + get("/v1/big") + kPing);
    for (const char* source : {"x-cache: miss", "x-cache: hit"}) {
        const Response response = client.read();
        EXPECT_EQ(response.status, 200U);
        EXPECT_TRUE(response.says(source)) << response.head;
        EXPECT_GT(response.body.size(), kBig);
        EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(response.body, 'x')), kBig);
    }
    EXPECT_EQ(client.read().body, "healthy");
}

TEST_F(ServerTest, AClientThatDoesNotReadIsCutOff) {
    serve();
    Client client(port(), 4096);
    client.send(get("/v1/big"));
    ASSERT_TRUE(eventually([&] { return client.readable(); }));  // it is being answered, and does not read
    // Twice, since what it does not read may still be on its way into its socket at first.
    for (int i = 0; i < 2; ++i) {
        Client idle(port());
        EXPECT_EQ(idle.ask(kPing).status, 200U);
        advance(61s);
        ASSERT_TRUE(idle.ends());  // the sweep has been through
    }
    EXPECT_EQ(client.read().status, 0U);  // what was under way arrives, and is not all
}

TEST_F(ServerTest, AnIdleConnectionIsClosedInTheEnd) {
    serve();
    Client client(port());
    EXPECT_EQ(client.ask(kPing).status, 200U);
    advance(options_.idle_limit - 1s);
    EXPECT_EQ(client.ask(kPing).status, 200U);
    advance(options_.idle_limit + 1s);
    EXPECT_TRUE(client.ends());
}

TEST_F(ServerTest, AHeadMustArriveInTime) {
    serve();
    Client client(port());
    Client busy(port());
    client.send("GET /ping HTTP/1.1\r\n");
    EXPECT_EQ(busy.ask(kPing).status, 200U);
    advance(options_.header_limit - 1s);
    client.send("Host: localhost\r\n");  // no new time
    EXPECT_EQ(busy.ask(kPing).status, 200U);
    advance(2s);
    EXPECT_TRUE(client.ends());
    EXPECT_EQ(busy.ask(kPing).status, 200U);
}

TEST_F(ServerTest, TheTimeOfAHeadRunsFromItsOwnFirstByte) {
    options_.idle_limit = 20s;
    serve();
    Client client(port());
    Client idle(port());
    EXPECT_EQ(client.ask(kPing).status, 200U);
    EXPECT_EQ(idle.ask(kPing).status, 200U);
    advance(15s);
    // A whole request, and the beginning of the next in the same segment.
    EXPECT_EQ(client.ask(kPing + "GET /pi").status, 200U);
    advance(6s);
    ASSERT_TRUE(idle.ends());  // the sweep has been through
    EXPECT_EQ(client.ask("ng HTTP/1.1\r\nHost: localhost\r\n\r\nGET").body, "healthy");
    EXPECT_EQ(client.ask(" /ping HTTP/1.1\r\nHost: localhost\r\n\r\n").body, "healthy");
}

TEST_F(ServerTest, ARequestThatTakesTooLongIsAnswered504) {
    options_.request_limit = 50ms;
    serve();
    aws_.hold();
    Client client(port());
    const Response late = client.ask(get("/v1/a"));
    EXPECT_EQ(late.status, 504U);
    EXPECT_EQ(late.body, R"({"__type":"TimeoutError","message":"Timeout"})");
    EXPECT_FALSE(late.closes());
    aws_.release();
    // The flight goes on without its passenger.
    ASSERT_TRUE(eventually([&] { return client.ask(get("/v1/a")).status == 200; }));
    EXPECT_EQ(aws_.calls().size(), 1U);
}

TEST_F(ServerTest, OverTheLimitIsRefusedAndClosed) {
    options_.max_connections = 2;
    serve();
    aws_.hold();
    Client first(port());
    Client second(port());
    first.send(get("/v1/a"));
    second.send(get("/v1/b"));
    ASSERT_TRUE(calls(2));
    {
        Client third(port());
        EXPECT_EQ(third.ask(kPing).body, "healthy");  // may still ask whether the agent lives
        Client fourth(port());
        EXPECT_EQ(fourth.ask(kPing).body, "healthy");
        EXPECT_TRUE(third.ends());  // idle: gave way to it
        const Response refused = fourth.ask(get("/v1/a"));
        EXPECT_EQ(refused.status, 429U);
        EXPECT_EQ(refused.body, "Connection limit exceeded");
        EXPECT_TRUE(refused.closes());
        EXPECT_TRUE(fourth.ends());
    }
    aws_.release();
    EXPECT_EQ(first.read().status, 200U);
    EXPECT_EQ(second.read().status, 200U);
    settle();
    Client later(port());
    EXPECT_EQ(later.ask(get("/v1/a")).status, 200U);  // counted at the request, not for a life
}

TEST_F(ServerTest, WhatIsNotARequestAtHandTakesNobodysPlace) {
    options_.max_connections = 2;
    serve();
    aws_.hold();
    Client busy(port());
    busy.send(get("/v1/a"));
    ASSERT_TRUE(calls(1));
    Client half(port());
    EXPECT_EQ(half.ask(kPing + "GET /ping").status, 200U);
    Client other_half(port());
    EXPECT_EQ(other_half.ask(kPing + "GET /ping").status, 200U);
    Client client(port());
    client.send(get("/v1/b"));
    ASSERT_TRUE(calls(2));  // admitted
    EXPECT_EQ(half.ask(" HTTP/1.1\r\nHost: localhost\r\n\r\n").body, "healthy");
    EXPECT_EQ(other_half.ask("x HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 429U);
    aws_.release();
    EXPECT_EQ(busy.read().status, 200U);
    EXPECT_EQ(client.read().status, 200U);
}

TEST_F(ServerTest, AHitCountsTooWhileTheLimitIsReached) {
    options_.max_connections = 1;
    serve();
    Client first(port());
    EXPECT_EQ(first.ask(get("/v1/a")).status, 200U);
    aws_.hold();
    first.send(get("/v1/b"));
    ASSERT_TRUE(calls(2));
    Client second(port());
    EXPECT_EQ(second.ask(get("/v1/a")).status, 429U);
    EXPECT_TRUE(second.ends());
    aws_.release();
    EXPECT_EQ(first.read().status, 200U);
    settle();
    Client third(port());
    EXPECT_EQ(third.ask(get("/v1/a")).status, 200U);
}

TEST_F(ServerTest, TheConnectionThatIdledLongestGivesWay) {
    options_.max_connections = 2;
    serve();
    Client oldest(port());
    Client middle(port());
    EXPECT_EQ(oldest.ask(kPing).status, 200U);
    advance(1s);
    EXPECT_EQ(middle.ask(kPing).status, 200U);
    advance(1s);
    Client newest(port());
    EXPECT_EQ(newest.ask(get("/v1/a")).status, 200U);
    EXPECT_TRUE(oldest.ends());
    EXPECT_EQ(middle.ask(kPing).status, 200U);
}

TEST_F(ServerTest, IdleConnectionsOfOtherWorkersGiveWayToo) {
    options_.max_connections = 3;
    options_.workers = 3;
    serve();
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 24; ++i) {
        clients.push_back(std::make_unique<Client>(port()));
        EXPECT_EQ(clients.back()->ask(get("/v1/a")).status, 200U) << i;
    }
}

TEST_F(ServerTest, TheLimitCanBeChanged) {
    options_.max_connections = 1;
    serve();
    aws_.hold();
    Client busy(port());
    busy.send(get("/v1/a"));
    ASSERT_TRUE(calls(1));
    Client refused(port());
    EXPECT_EQ(refused.ask(get("/v1/b")).status, 429U);
    EXPECT_TRUE(refused.ends());
    server_->set_max_connections(2);
    aws_.release();
    Client served(port());
    EXPECT_EQ(served.ask(get("/v1/b")).status, 200U);
    EXPECT_EQ(busy.read().status, 200U);
}

TEST_F(ServerTest, StoppingAnswersWhatIsInFlight) {
    serve();
    aws_.hold();
    Client pending(port());
    Client idle(port());
    EXPECT_EQ(idle.ask(kPing).status, 200U);
    pending.send(get("/v1/a") + kPing);
    ASSERT_TRUE(calls(1));
    auto stopped = std::async(std::launch::async, [this] { return server_->stop(kPatience); });
    EXPECT_TRUE(idle.ends());
    EXPECT_TRUE(eventually([this] { return !Client(port()).connected(); }));
    aws_.release();
    const Response answer = pending.read();
    EXPECT_EQ(answer.status, 200U);
    EXPECT_TRUE(answer.closes());
    EXPECT_EQ(pending.read().status, 0U);
    EXPECT_TRUE(stopped.get());
}

TEST_F(ServerTest, StoppingGivesUpInTheEnd) {
    serve();
    aws_.hold();
    Client pending(port());
    pending.send(get("/v1/a"));
    ASSERT_TRUE(calls(1));
    EXPECT_FALSE(server_->stop(10ms));
}

TEST_F(ServerTest, NeverStarted) {
    service_.emplace(cache::Options{}, aws_.secrets_manager(), upstream_.executor(), clock_);
    auto server = Server::create(options_, *service_, *token_, clock_);
    ASSERT_TRUE(server);
    EXPECT_TRUE((*server)->stop(0ms));
}

}  // namespace
}  // namespace sma::server
