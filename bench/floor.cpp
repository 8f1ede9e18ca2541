// SPDX-License-Identifier: Apache-2.0
// The floor: what answering over HTTP costs when nothing is parsed, checked or looked up.
//
//   floor PORT FILE     answers each request head (up to an empty line) with the bytes of FILE, on 127.0.0.1
//
// One thread, one epoll, one recv and one send a request. Keep-alive only. Ends on SIGTERM or SIGINT.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <unordered_map>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

volatile std::sig_atomic_t stopping = 0;

int listen_on(int port) {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    const int on = 1;
    ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(listener, 1024) != 0) {
        std::perror("floor: cannot listen");
        std::exit(1);
    }
    return listener;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fprintf(stderr, "usage: %s PORT FILE\n", argv[0]);
        return 2;
    }
    std::ifstream file(argv[2], std::ios::binary);
    const std::string response{std::istreambuf_iterator<char>(file), {}};
    // Signals arrive inside epoll_pwait only, so that none is missed between the test and the wait.
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGTERM, [](int) { stopping = 1; });
    std::signal(SIGINT, [](int) { stopping = 1; });
    sigset_t none;
    sigset_t ending;
    ::sigemptyset(&none);
    ::sigemptyset(&ending);
    ::sigaddset(&ending, SIGTERM);
    ::sigaddset(&ending, SIGINT);
    ::sigprocmask(SIG_BLOCK, &ending, nullptr);

    const int poll = ::epoll_create1(0);
    const int listener = listen_on(std::atoi(argv[1]));
    const auto watch = [poll](int fd) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = fd;
        ::epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
    };
    watch(listener);

    std::unordered_map<int, std::string> partial;  // heads that came in pieces: rare
    epoll_event events[64];
    char buffer[16 * 1024];
    while (stopping == 0) {
        const int ready = ::epoll_pwait(poll, events, 64, -1, &none);
        for (int i = 0; i < ready; ++i) {
            const int fd = events[i].data.fd;
            if (fd == listener) {
                const int client = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
                const int on = 1;
                ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
                if (client >= 0) watch(client);
                continue;
            }
            const ssize_t size = ::recv(fd, buffer, sizeof buffer, 0);
            if (size <= 0) {
                partial.erase(fd);
                ::close(fd);
                continue;
            }
            std::string_view input(buffer, static_cast<std::size_t>(size));
            std::string joined;
            if (const auto before = partial.find(fd); before != partial.end()) {
                joined = before->second + std::string(input);
                input = joined;
                partial.erase(before);
            }
            for (std::size_t end; (end = input.find("\r\n\r\n")) != std::string_view::npos;
                 input.remove_prefix(end + 4)) {
                if (::send(fd, response.data(), response.size(), 0) < 0) break;
            }
            if (!input.empty()) partial[fd] = input;
        }
    }
    return 0;
}
