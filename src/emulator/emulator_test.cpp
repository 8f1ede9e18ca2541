// SPDX-License-Identifier: Apache-2.0
// The listener and its connections, over real sockets.
#include "emulator/emulator.hpp"
#include "emulator/service_fixture.hpp"
#include "io/event_loop.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <future>
#include <thread>

#include <sys/socket.h>

namespace sma::emulator {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

class Client {
public:
    explicit Client(std::uint16_t port) {
        socket_.connect({asio::ip::address_v4::loopback(), port});
        const timeval limit{10, 0};
        ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    }
    void send(std::string_view bytes) {
        boost::system::error_code ignored;  // the peer may have closed: the answer tells
        asio::write(socket_, asio::buffer(bytes.data(), bytes.size()), ignored);
    }
    /// Until the peer closes.
    std::string receive_all() {
        std::string all;
        boost::system::error_code error;
        while (!error)
            all += receive_some(error);
        return all;
    }
    /// Until `count` answers, each with a Content-Length, are complete.
    std::string receive(int count) {
        boost::system::error_code error;
        std::size_t end = 0;
        for (int i = 0; i < count && !error; ++i) {
            std::size_t head = std::string::npos;
            while (!error && (head = pending_.find("\r\n\r\n", end)) == std::string::npos)
                pending_ += receive_some(error);
            if (error) break;
            const std::size_t field = pending_.find("Content-Length: ", end);
            const std::size_t length = field < head ? std::stoul(pending_.substr(field + 16)) : 0;
            end = head + 4 + length;
            while (!error && pending_.size() < end)
                pending_ += receive_some(error);
        }
        std::string answer = pending_.substr(0, end);
        pending_.erase(0, end);
        return answer;
    }
    void half_close() { socket_.shutdown(tcp::socket::shutdown_send); }

private:
    std::string receive_some(boost::system::error_code& error) {
        char bytes[4096];
        const ssize_t size = ::recv(socket_.native_handle(), bytes, sizeof bytes, 0);
        if (size <= 0) error = asio::error::eof;
        return {bytes, size > 0 ? static_cast<std::size_t>(size) : 0};
    }
    asio::io_context context_;
    tcp::socket socket_{context_};
    std::string pending_;
};

class EmulatorTest : public ::testing::Test {
protected:
    EmulatorTest() {
        auto made = Emulator::create(loop_.executor(), {}, clock_);
        EXPECT_TRUE(made);
        emulator_ = std::move(*made);
        loop_.start();
    }
    ~EmulatorTest() override {
        stop();
        loop_.stop();
    }
    void stop() {
        std::promise<void> done;
        asio::post(loop_.context(), [&] {
            emulator_->stop();
            done.set_value();
        });
        done.get_future().wait();
    }
    std::string signed_bytes(std::string_view operation, std::string_view body, const std::string& more = "") {
        Request request = unsigned_call(operation, body);
        sign(request, {}, clock_.wall_now());
        std::string bytes = "POST / HTTP/1.1\r\n";
        for (const auto& [name, value] : request.headers)
            bytes += name + ": " + value + "\r\n";
        return bytes + more + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
    }
    std::string get_example() { return signed_bytes("GetSecretValue", R"({"SecretId":"example/api-key"})"); }
    std::uint16_t port() { return emulator_->port(); }
    static std::size_t count(const std::string& text, std::string_view what) {
        std::size_t found = 0;
        for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
            ++found;
        return found;
    }

    sma::testing::FakeClock clock_;
    io::EventLoop loop_{"emulator"};
    std::unique_ptr<Emulator> emulator_;
};

TEST_F(EmulatorTest, ServesItsExample) {
    EXPECT_NE(port(), 0);
    EXPECT_EQ(emulator_->example_secret(), "example/database");
    Client client(port());
    client.send(get_example());
    const std::string answer = client.receive(1);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\nx-amzn-RequestId: "))
        << answer;
    EXPECT_NE(answer.find(R"("SecretString":"not-a-real-key-4f1c9a")"), std::string::npos);
}

TEST_F(EmulatorTest, KeepsConnectionsAndPipelines) {
    Client client(port());
    for (int i = 0; i < 3; ++i) {
        client.send(get_example());
        EXPECT_EQ(count(client.receive(1), "not-a-real-key"), 1U);
    }
    client.send(get_example() + get_example() + get_example());
    EXPECT_EQ(count(client.receive(3), "not-a-real-key"), 3U);
}

TEST_F(EmulatorTest, TakesBytesOneByOne) {
    Client client(port());
    for (const char c : get_example())
        client.send({&c, 1});
    EXPECT_EQ(count(client.receive(1), "not-a-real-key"), 1U);
}

TEST_F(EmulatorTest, HonoursConnectionClose) {
    Client client(port());
    client.send(signed_bytes("ListSecrets", "{}", "Connection: close\r\n"));
    const std::string answer = client.receive_all();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK")) << answer;
    EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos);
}

TEST_F(EmulatorTest, SaysContinueToWhoWaitsForIt) {
    Client client(port());
    const std::string bytes = signed_bytes("ListSecrets", "{}", "Expect: 100-continue\r\n");
    client.send(bytes.substr(0, bytes.size() - 2));
    EXPECT_EQ(client.receive(1), "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("{}");
    EXPECT_TRUE(client.receive(1).starts_with("HTTP/1.1 200 OK"));
}

TEST_F(EmulatorTest, AnswersAHalfClosedClient) {
    Client client(port());
    client.send(get_example());
    client.half_close();
    EXPECT_EQ(count(client.receive_all(), "not-a-real-key"), 1U);
}

TEST_F(EmulatorTest, RefusesOtherMethods) {
    Client client(port());
    client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    const std::string get = client.receive(1);
    EXPECT_TRUE(get.starts_with("HTTP/1.1 404 Not Found\r\n")) << get;
    client.send("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const std::string head = client.receive_all();
    EXPECT_TRUE(head.starts_with("HTTP/1.1 404 Not Found\r\n"));
    EXPECT_TRUE(head.ends_with("\r\n\r\n"));
}

TEST_F(EmulatorTest, RefusesLargeBodies) {
    {
        Client client(port());
        client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n");
        EXPECT_TRUE(client.receive_all().starts_with("HTTP/1.1 413 "));
    }
    Client client(port());  // the whole body is on its way already
    client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n" + std::string(1'048'577, 'x'));
    EXPECT_TRUE(client.receive_all().starts_with("HTTP/1.1 413 "));
    Client chunked(port());
    chunked.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n200000\r\n" +
                 std::string(0x200000, 'x'));
    EXPECT_TRUE(chunked.receive_all().starts_with("HTTP/1.1 413 "));
}

TEST_F(EmulatorTest, SurvivesGarbage) {
    const std::string garbage[] = {"\r\n\r\n\r\n",
                                   "hello\r\n\r\n",
                                   std::string("\0\x01\xff", 3) + "\r\n\r\n",
                                   "POST / HTTP/9.9\r\n\r\n",
                                   "POST / HTTP/1.1\r\nno colon\r\n\r\n",
                                   "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                                   "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
                                   "POST / HTTP/1.1\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n"};
    for (const std::string& bytes : garbage) {
        Client client(port());
        client.send(bytes);
        client.half_close();
        EXPECT_TRUE(client.receive_all().starts_with("HTTP/1.1 400 Bad Request\r\n")) << bytes.substr(0, 40);
    }
    Client silent(port());
    silent.half_close();
    EXPECT_EQ(silent.receive_all(), "");
    Client broken(port());
    broken.send(get_example().substr(0, 200));
    broken.half_close();
    EXPECT_EQ(broken.receive_all(), "");
    Client client(port());
    client.send(get_example());
    EXPECT_EQ(count(client.receive(1), "not-a-real-key"), 1U);
}

TEST_F(EmulatorTest, ServesManyAtOnce) {
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 200; ++i)
        clients.push_back(std::make_unique<Client>(port()));
    for (auto& client : clients)
        client->send(get_example());
    std::size_t answered = 0;
    for (auto& client : clients)
        answered += count(client->receive(1), "not-a-real-key");
    EXPECT_EQ(answered, 200U);
}

TEST_F(EmulatorTest, StoppingClosesEverything) {
    Client idle(port());
    idle.send(get_example());
    EXPECT_NE(idle.receive(1), "");
    Client half(port());
    half.send("POST / HT");
    stop();
    EXPECT_EQ(idle.receive_all(), "");
    EXPECT_EQ(half.receive_all(), "");
    EXPECT_THROW(Client late(port()), boost::system::system_error);
    stop();  // twice is once
}

TEST_F(EmulatorTest, OnlyOneOnAPort) {
    Options options;
    options.port = port();
    const auto second = Emulator::create(loop_.executor(), options, clock_);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind(), ErrorKind::System);
    EXPECT_EQ(second.error().message(),
              "cannot listen on 127.0.0.1:" + std::to_string(port()) + ": Address already in use (os error 98)");
}

TEST(EmulatorCreateTest, BadSeedsAreReported) {
    io::EventLoop loop("emulator");
    Options options;
    options.seeds = "CMakeLists.txt";
    const auto made = Emulator::create(loop.executor(), options, Clock::system());
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().kind(), ErrorKind::InvalidInput);
    EXPECT_TRUE(made.error().message().starts_with("CMakeLists.txt:")) << made.error().message();
}

TEST(EmulatorCreateTest, TheBuiltInRoleIsOfTheAccount) {
    io::EventLoop loop("emulator");
    Options options;
    options.account = "210987654321";
    EXPECT_TRUE(Emulator::create(loop.executor(), options, Clock::system()));
}

}  // namespace
}  // namespace sma::emulator
