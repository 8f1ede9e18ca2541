// SPDX-License-Identifier: Apache-2.0
#include "aws/http_client.hpp"
#include "aws/http_test_server.hpp"
#include "aws/http_tls.hpp"
#include "aws/test_support.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <memory>

#include <sys/stat.h>

namespace sma::aws {
namespace {

using namespace std::chrono_literals;
using testing::Certificates;
using testing::fake_environment;
using testing::ok;
using testing::Peer;
using testing::run_on;
using testing::TempDirectory;
using testing::TestServer;

class HttpClientTest : public ::testing::Test {
protected:
    HttpClientTest() {
        std::signal(SIGPIPE, SIG_IGN);
        options_.connect_timeout = 2s;
        options_.attempt_timeout = 3s;
        loop_.start();
    }
    ~HttpClientTest() override {
        drop();
        loop_.stop();
    }
    // On the loop, where it lives.
    void drop() {
        const auto body = [](std::unique_ptr<HttpClient>& client) -> io::Task<void> {
            client.reset();
            co_return;
        };
        run_on(loop_, body(client_));
    }
    void serve(TestServer::Script script, SSL_CTX* tls = nullptr) {
        server_ = std::make_unique<TestServer>(std::move(script), tls);
    }
    Result<HttpResponse> send(std::string url, std::string_view body = "hello") {
        if (!client_) client_ = std::make_unique<HttpClient>(loop_.executor(), offload_, options_);
        HttpRequest request;
        request.url = parse_url(url).value();
        request.body = SecretBytes(body);
        request.add_header("X-Test", "1");
        return run_on(loop_, client_->send(std::move(request)));
    }
    [[nodiscard]] std::string base(const char* scheme = "http", const char* host = "127.0.0.1") const {
        return std::string(scheme) + "://" + host + ":" + std::to_string(server_->port());
    }
    // The body, or the kind of error.
    std::string get() {
        const auto response = send(base());
        return response ? std::string(response->body.reveal()) : std::string(to_string(response.error().kind()));
    }
    // What comes of one answer.
    std::string answered(std::string bytes) {
        drop();
        serve([bytes](Peer& peer, int) {
            if (!peer.read_request().empty()) peer.write(bytes);
        });
        return get();
    }

    io::EventLoop loop_{"http-test"};
    io::Offload offload_;
    HttpOptions options_;
    std::unique_ptr<TestServer> server_;
    std::unique_ptr<HttpClient> client_;
};

TEST_F(HttpClientTest, SendsAndReceives) {
    std::string seen;
    serve([&seen](Peer& peer, int) {
        seen = peer.read_request();
        peer.write("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\nx-amzn-RequestId: r1\r\n\r\nno");
    });
    const auto response = send(base() + "/base?q=1");
    ASSERT_TRUE(response) << response.error().describe();
    EXPECT_EQ(response->status, 404U);
    EXPECT_EQ(response->body.reveal(), "no");
    EXPECT_EQ(response->header("X-AMZN-REQUESTID"), "r1");
    EXPECT_EQ(response->header("none"), "");
    EXPECT_TRUE(seen.starts_with("POST /base?q=1 HTTP/1.1\r\nHost: 127.0.0.1:")) << seen;
    EXPECT_NE(seen.find("X-Test: 1\r\n"), std::string::npos);
    EXPECT_NE(seen.find("Content-Length: 5\r\n"), std::string::npos);
    EXPECT_TRUE(seen.ends_with("\r\n\r\nhello"));
}

TEST_F(HttpClientTest, ReadsEveryFraming) {
    EXPECT_EQ(answered(ok("body")), "body");
    EXPECT_EQ(answered("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"),
              "abcde");
    EXPECT_EQ(answered("HTTP/1.1 200 OK\r\n\r\nuntil the end"), "until the end");
    EXPECT_EQ(answered("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx"), "x");
    EXPECT_EQ(answered("HTTP/1.1 100 Continue\r\n\r\n" + ok("after")), "after");
    EXPECT_EQ(answered("HTTP/1.1 204 No Content\r\n\r\n"), "");
    const std::string large(900'000, 'x');
    EXPECT_EQ(answered(ok(large)), large);
}

TEST_F(HttpClientTest, RedirectsAreAnswers) {
    serve([](Peer& peer, int) {
        peer.read_request();
        peer.write("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
    });
    EXPECT_EQ(send(base())->status, 302U);
    EXPECT_EQ(server_->connections(), 1);
}

TEST_F(HttpClientTest, BrokenAnswersHaveTheirKinds) {
    EXPECT_EQ(answered(""), "Closed");
    EXPECT_EQ(answered("HTTP/1.1 200"), "Truncated");
    EXPECT_EQ(answered("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"), "Truncated");
    EXPECT_EQ(answered("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"), "Truncated");
    EXPECT_EQ(answered("garbage garbage garbage\r\n\r\n"), "BadAnswer");
    EXPECT_EQ(answered("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"), "BadAnswer");
    EXPECT_EQ(answered("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), "BadAnswer");
    EXPECT_EQ(answered("HTTP/1.1 200 OK\r\nA: " + std::string(70'000, 'x') + "\r\n\r\n"), "BadAnswer");
    EXPECT_EQ(answered("HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n"), "BadAnswer");
    EXPECT_EQ(answered("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1E8480\r\n" + std::string(2'000'000, 'x')),
              "BadAnswer");
    std::string interim;
    for (int i = 0; i < 20; ++i)
        interim += "HTTP/1.1 100 Continue\r\n\r\n";
    EXPECT_EQ(answered(interim), "BadAnswer");
}

TEST_F(HttpClientTest, ResetsHaveTheirKinds) {
    serve([](Peer& peer, int) {
        peer.read_request();
        peer.reset();
    });
    EXPECT_EQ(get(), "Connection");
    drop();
    serve([](Peer& peer, int) {
        peer.read_request();
        peer.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
        std::this_thread::sleep_for(50ms);
        peer.reset();
    });
    EXPECT_EQ(get(), "Truncated");
}

TEST_F(HttpClientTest, RefusalsAndUnknownNamesAreConnectionErrors) {
    serve([](Peer&, int) {});
    const std::string url = base();
    server_.reset();
    const auto refused = send(url);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind(), ErrorKind::Connection);
    EXPECT_NE(refused.error().message().find("refused"), std::string::npos) << refused.error().message();
    const auto unknown = send("http://no-such-host.invalid/");
    ASSERT_FALSE(unknown);
    // Without any DNS server a look-up may also take too long.
    EXPECT_TRUE(unknown.error().kind() == ErrorKind::Connection || unknown.error().kind() == ErrorKind::Timeout);
}

TEST_F(HttpClientTest, SlowAnswersTimeOut) {
    options_.attempt_timeout = 100ms;
    serve([](Peer& peer, int) {
        peer.read_request();
        peer.wait_closed();
    });
    EXPECT_EQ(get(), "Timeout");
    drop();
    serve([](Peer& peer, int) {
        peer.read_request();
        peer.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
        peer.wait_closed();
    });
    EXPECT_EQ(get(), "Timeout");
}

TEST_F(HttpClientTest, AMuteTlsPeerTimesOutWhileConnecting) {
    options_.connect_timeout = 100ms;
    const TempDirectory directory;
    const Certificates certificates({});
    options_.ca_bundle = directory.write("ca.pem", certificates.authority_pem());
    serve([](Peer& peer, int) { peer.wait_closed(); });
    const auto response = send(base("https"));
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().kind(), ErrorKind::Timeout) << response.error().describe();
}

TEST_F(HttpClientTest, ConnectionsAreKeptAndReused) {
    serve([](Peer& peer, int number) {
        while (!peer.read_request().empty())
            peer.write(ok(std::to_string(number)));
    });
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(get(), "1");
    EXPECT_EQ(server_->connections(), 1);
    drop();
}

TEST_F(HttpClientTest, ConnectionCloseIsObeyed) {
    serve([](Peer& peer, int number) {
        while (!peer.read_request().empty())
            peer.write(ok(std::to_string(number), "Connection: close\r\n"));
    });
    EXPECT_EQ(get(), "1");
    EXPECT_EQ(get(), "2");
}

TEST_F(HttpClientTest, BytesNobodyAskedForEndAConnection) {
    serve([](Peer& peer, int number) {
        while (!peer.read_request().empty())
            peer.write(ok(std::to_string(number)) + ok("smuggled"));
    });
    EXPECT_EQ(get(), "1");
    EXPECT_EQ(get(), "2");
}

TEST_F(HttpClientTest, IdleConnectionsAreClosed) {
    options_.idle_timeout = 50ms;
    std::atomic<int> closed{0};
    serve([&closed](Peer& peer, int number) {
        while (!peer.read_request().empty())
            peer.write(ok(std::to_string(number)));
        ++closed;
    });
    EXPECT_EQ(get(), "1");
    for (int i = 0; i < 200 && closed == 0; ++i)
        std::this_thread::sleep_for(10ms);
    EXPECT_EQ(closed, 1);
    EXPECT_EQ(get(), "2");
    drop();
    server_.reset();  // its threads know `closed`
}

TEST_F(HttpClientTest, APooledConnectionThatIsClosedIsNotUsed) {
    serve([](Peer& peer, int number) {
        peer.read_request();
        peer.write(ok(std::to_string(number)));
    });
    EXPECT_EQ(get(), "1");
    std::this_thread::sleep_for(50ms);  // the close has arrived
    EXPECT_EQ(get(), "2");
}

TEST_F(HttpClientTest, APooledConnectionThatDiesUnansweredIsReplacedOnce) {
    serve([](Peer& peer, int number) {
        peer.read_request();
        peer.write(ok(std::to_string(number)));
        // The next request is read, and no answer comes: the first connection proves dead only then.
        if (number == 1) peer.read_request();
    });
    EXPECT_EQ(get(), "1");
    EXPECT_EQ(get(), "2");
    EXPECT_EQ(server_->connections(), 2);
}

TEST_F(HttpClientTest, APooledConnectionThatBreaksWithinTheAnswerIsNotReplaced) {
    serve([](Peer& peer, int number) {
        peer.read_request();
        peer.write(ok(std::to_string(number)));
        peer.read_request();
        peer.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
    });
    EXPECT_EQ(get(), "1");
    EXPECT_EQ(get(), "Truncated");
    EXPECT_EQ(server_->connections(), 1);
}

TEST_F(HttpClientTest, AStoppedClientRefuses) {
    serve([](Peer& peer, int) {
        peer.read_request();
        peer.write(ok("x"));
        peer.wait_closed();
    });
    EXPECT_EQ(get(), "x");
    const auto stop = [](HttpClient& client) -> io::Task<void> {
        client.stop();
        co_return;
    };
    run_on(loop_, stop(*client_));
    EXPECT_EQ(get(), "Stopping");
}

class TlsTest : public HttpClientTest {
protected:
    void serve_with(const Certificates::Wish& wish) {
        certificates_ = std::make_unique<Certificates>(wish);
        options_.ca_bundle = directory_.write("ca.pem", certificates_->authority_pem());
        serve(
            [](Peer& peer, int number) {
                while (!peer.read_request().empty())
                    peer.write(ok(std::to_string(number)));
            },
            certificates_->context());
    }
    Error refused(const char* host = "127.0.0.1") {
        const auto response = send(base("https", host));
        return response ? Error(ErrorKind::Internal, "accepted") : response.error();
    }
    TempDirectory directory_;
    std::unique_ptr<Certificates> certificates_;
};

TEST_F(TlsTest, TalksToWhomItTrustsAndReuses) {
    serve_with({});
    for (const char* const host : {"127.0.0.1", "localhost"}) {
        for (int i = 0; i < 3; ++i) {
            const auto response = send(base("https", host));
            ASSERT_TRUE(response) << response.error().describe();
        }
    }
    EXPECT_EQ(server_->connections(), 2);
    drop();
}

TEST_F(TlsTest, RefusesAnotherName) {
    serve_with({"DNS:other.example,IP:127.0.0.2", false});
    for (const char* const host : {"127.0.0.1", "localhost"}) {
        const Error error = refused(host);
        EXPECT_EQ(error.kind(), ErrorKind::Connection);
        EXPECT_NE(error.describe().find("another name"), std::string::npos) << error.describe();
    }
}

TEST_F(TlsTest, RefusesAnExpiredCertificate) {
    serve_with({"IP:127.0.0.1", true});
    EXPECT_NE(refused().describe().find("expired"), std::string::npos);
    EXPECT_NE(refused().hint().find("clock"), std::string::npos);
}

TEST_F(TlsTest, RefusesAnUnknownAuthority) {
    serve_with({});
    options_.ca_bundle = directory_.write("other.pem", Certificates({}).authority_pem());
    EXPECT_NE(refused().hint().find("AWS_CA_BUNDLE"), std::string::npos);
}

TEST_F(TlsTest, SaysWhyABundleCannotBeUsed) {
    serve_with({});
    options_.ca_bundle = directory_.path() / "gone.pem";
    EXPECT_NE(refused().message().find("No such file"), std::string::npos);
    drop();
    options_.ca_bundle = directory_.write("bad.pem", "not PEM");
    EXPECT_EQ(refused().kind(), ErrorKind::Connection);
    drop();
    options_.ca_bundle = directory_.path() / "pipe.pem";
    ASSERT_EQ(::mkfifo(options_.ca_bundle->c_str(), 0600), 0);
    EXPECT_NE(refused().message().find("not a regular file"), std::string::npos);
}

TEST(ExpectHostTest, WhatOpensslDoesNotTakeIsAnError) {
    const std::unique_ptr<SSL_CTX, decltype(&::SSL_CTX_free)> context(::SSL_CTX_new(::TLS_client_method()),
                                                                      &::SSL_CTX_free);
    const std::unique_ptr<SSL, decltype(&::SSL_free)> ssl(::SSL_new(context.get()), &::SSL_free);
    EXPECT_TRUE(expect_host(ssl.get(), "localhost"));
    EXPECT_TRUE(expect_host(ssl.get(), "::1"));
    const Result<void> refused = expect_host(ssl.get(), std::string(300, 'a'));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind(), ErrorKind::Connection);
}

TEST_F(TlsTest, AnEndWithoutAnAnswerHasItsKind) {
    certificates_ = std::make_unique<Certificates>(Certificates::Wish{});
    options_.ca_bundle = directory_.write("ca.pem", certificates_->authority_pem());
    serve([](Peer& peer, int) { peer.read_request(); }, certificates_->context());
    EXPECT_EQ(send(base("https")).error().kind(), ErrorKind::Closed);
    drop();
    serve(
        [](Peer& peer, int) {
            peer.read_request();
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
        },
        certificates_->context());
    EXPECT_EQ(send(base("https")).error().kind(), ErrorKind::Truncated);
}

TEST_F(TlsTest, RefusesOldProtocols) {
    serve_with({});
    ::SSL_CTX_set_min_proto_version(certificates_->context(), TLS1_VERSION);
    ::SSL_CTX_set_max_proto_version(certificates_->context(), TLS1_1_VERSION);
    EXPECT_EQ(refused().kind(), ErrorKind::Connection);
}

TEST_F(TlsTest, APlainServerIsAConnectionError) {
    serve_with({});
    serve([](Peer& peer, int) {
        peer.write("HTTP/1.1 400 Bad Request\r\n\r\n");
        peer.wait_closed();
    });
    const auto response = send(base("https"));
    ASSERT_FALSE(response);
    EXPECT_TRUE(response.error().kind() == ErrorKind::Connection || response.error().kind() == ErrorKind::Timeout);
}

class ProxiedTest : public TlsTest {
protected:
    void proxy_by(const std::string& login = "") {
        const std::string url = "http://" + login + "127.0.0.1:" + std::to_string(server_->port());
        options_.proxies = ProxySettings::from(fake_environment({{"HTTPS_PROXY", url}, {"HTTP_PROXY", url}})).value();
    }
};

TEST_F(ProxiedTest, HttpsGoesThroughATunnel) {
    certificates_ = std::make_unique<Certificates>(Certificates::Wish{"DNS:aws.example", false});
    options_.ca_bundle = directory_.write("ca.pem", certificates_->authority_pem());
    std::string connect;
    serve([this, &connect](Peer& peer, int) {
        connect = peer.read_request();
        peer.write("HTTP/1.1 200 Connection established\r\nContent-Length: 5\r\n\r\n");
        peer.start_tls(certificates_->context());
        while (!peer.read_request().empty())
            peer.write(ok("through"));
    });
    proxy_by("user:pass@");
    for (int i = 0; i < 2; ++i) {
        const auto response = send("https://aws.example/");
        ASSERT_TRUE(response) << response.error().describe();
        EXPECT_EQ(response->body.reveal(), "through");
    }
    EXPECT_EQ(server_->connections(), 1);
    EXPECT_EQ(connect, "CONNECT aws.example:443 HTTP/1.1\r\nHost: aws.example:443\r\n"
                       "Proxy-Authorization: Basic dXNlcjpwYXNz\r\n\r\n");
    drop();
}

TEST_F(ProxiedTest, ARefusedTunnelIsExplained) {
    options_.ca_bundle = directory_.write("ca.pem", Certificates({}).authority_pem());
    serve([](Peer& peer, int) {
        peer.read_request();
        peer.write("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
    });
    proxy_by();
    const auto response = send("https://aws.example/");
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().kind(), ErrorKind::Connection);
    EXPECT_NE(response.error().describe().find("407"), std::string::npos);
    EXPECT_FALSE(response.error().hint().empty());
}

TEST_F(ProxiedTest, PlainHttpNamesTheWholeUrl) {
    std::string seen;
    serve([&seen](Peer& peer, int) {
        seen = peer.read_request();
        peer.write(ok("x"));
    });
    proxy_by("u:p@");
    ASSERT_TRUE(send("http://aws.example:8080/x?y=1"));
    EXPECT_TRUE(seen.starts_with("POST http://aws.example:8080/x?y=1 HTTP/1.1\r\nHost: aws.example:8080\r\n")) << seen;
    EXPECT_NE(seen.find("Proxy-Authorization: Basic "), std::string::npos);
}

}  // namespace
}  // namespace sma::aws
