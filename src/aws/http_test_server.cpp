// SPDX-License-Identifier: Apache-2.0
#include "aws/http_test_server.hpp"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdlib>
#include <utility>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sma::aws::testing {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Certificate make_certificate(EVP_PKEY* key, const char* common_name, bool expired, X509* issuer, EVP_PKEY* issuer_key,
                             int extension, const std::string& value) {
    static int serial = 0;
    Certificate certificate(::X509_new(), &::X509_free);
    ::X509_set_version(certificate.get(), X509_VERSION_3);
    ::ASN1_INTEGER_set(::X509_get_serialNumber(certificate.get()), ++serial);
    ::X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -7200);
    ::X509_gmtime_adj(X509_getm_notAfter(certificate.get()), expired ? -3600 : 3600);
    ::X509_set_pubkey(certificate.get(), key);
    X509_NAME* const name = ::X509_get_subject_name(certificate.get());
    ::X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(common_name), -1, -1,
                                 0);
    ::X509_set_issuer_name(certificate.get(), issuer == nullptr ? name : ::X509_get_subject_name(issuer));
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    ::X509V3_set_ctx(&context, issuer == nullptr ? certificate.get() : issuer, certificate.get(), nullptr, nullptr, 0);
    X509_EXTENSION* const made = ::X509V3_EXT_conf_nid(nullptr, &context, extension, value.c_str());
    ::X509_add_ext(certificate.get(), made, -1);
    ::X509_EXTENSION_free(made);
    ::X509_sign(certificate.get(), issuer_key, ::EVP_sha256());
    return certificate;
}

}  // namespace

Certificates::Certificates(const Wish& wish) {
    const Key authority_key(EVP_EC_gen("P-256"), &::EVP_PKEY_free);
    const Certificate authority = make_certificate(authority_key.get(), "Test Authority", false, nullptr,
                                                   authority_key.get(), NID_basic_constraints, "critical,CA:TRUE");
    const Key key(EVP_EC_gen("P-256"), &::EVP_PKEY_free);
    const Certificate leaf = make_certificate(key.get(), "leaf", wish.expired, authority.get(), authority_key.get(),
                                              NID_subject_alt_name, wish.name);
    BIO* const text = ::BIO_new(::BIO_s_mem());
    ::PEM_write_bio_X509(text, authority.get());
    char* data = nullptr;
    const long size = BIO_get_mem_data(text, &data);
    authority_pem_.assign(data, static_cast<std::size_t>(size));
    ::BIO_free(text);
    context_ = std::shared_ptr<SSL_CTX>(::SSL_CTX_new(::TLS_server_method()), &::SSL_CTX_free);
    ::SSL_CTX_use_certificate(context_.get(), leaf.get());
    ::SSL_CTX_use_PrivateKey(context_.get(), key.get());
}

Peer::Peer(int fd, SSL_CTX* tls) : fd_(fd) {
    const timeval limit{5, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (tls != nullptr) start_tls(tls);
}

Peer::~Peer() {
    close();
}

void Peer::start_tls(SSL_CTX* tls) {
    ssl_ = ::SSL_new(tls);
    ::SSL_set_fd(ssl_, fd_);
    if (::SSL_accept(ssl_) != 1) close();
}

long Peer::receive(char* data, std::size_t size) {
    if (fd_ < 0) return -1;
    return ssl_ != nullptr ? ::SSL_read(ssl_, data, static_cast<int>(size)) : ::recv(fd_, data, size, 0);
}

std::string Peer::read_request() {
    std::array<char, 4096> chunk{};
    for (;;) {
        if (const std::size_t head = buffered_.find("\r\n\r\n"); head != std::string::npos) {
            const std::size_t at = buffered_.find("Content-Length: ");
            const std::size_t length = at < head ? std::strtoul(buffered_.c_str() + at + 16, nullptr, 10) : 0;
            if (buffered_.size() >= head + 4 + length) {
                std::string request = buffered_.substr(0, head + 4 + length);
                buffered_.erase(0, request.size());
                return request;
            }
        }
        const long got = receive(chunk.data(), chunk.size());
        if (got <= 0) return {};
        buffered_.append(chunk.data(), static_cast<std::size_t>(got));
    }
}

void Peer::write(std::string_view bytes) {
    while (fd_ >= 0 && !bytes.empty()) {
        const long sent = ssl_ != nullptr ? ::SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                                          : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

void Peer::wait_closed() {
    std::array<char, 4096> chunk{};
    while (receive(chunk.data(), chunk.size()) > 0) {
    }
}

void Peer::close() {
    if (ssl_ != nullptr) ::SSL_free(std::exchange(ssl_, nullptr));
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

void Peer::reset() {
    const linger now{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close();
}

TestServer::TestServer(Script script, SSL_CTX* tls) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, generic, size) != 0 || ::listen(listener_, 16) != 0) std::abort();
    ::getsockname(listener_, generic, &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this, script = std::move(script), tls] {
        for (;;) {
            const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            if (fd < 0) return;
            const int number = ++connections_;
            const std::scoped_lock lock(mutex_);
            threads_.emplace_back([script, fd, tls, number] {
                Peer peer(fd, tls);
                script(peer, number);
            });
        }
    });
}

TestServer::~TestServer() {
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    ::close(listener_);
    for (std::thread& thread : threads_)
        thread.join();
}

}  // namespace sma::aws::testing
