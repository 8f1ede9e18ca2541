// SPDX-License-Identifier: Apache-2.0
#include "aws/http_tls.hpp"

#include "aws/signal.hpp"
#include "base/file.hpp"
#include "base/log.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/impl/src.hpp>  // asio::ssl, compiled here for the whole program
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <utility>

namespace sma::aws {
namespace {

namespace asio = boost::asio;

constexpr std::array kSystemBundles{
    "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Ubuntu, distroless
    "/etc/pki/tls/certs/ca-bundle.crt",                   // Fedora, Amazon Linux
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // Fedora, Amazon Linux
    "/etc/ssl/cert.pem",                                  // Alpine
    "/etc/ssl/ca-bundle.pem",                             // SUSE
};

// Blocking. May throw what asio::ssl throws.
Result<TlsContextPtr> load_from(const std::optional<std::filesystem::path>& given) {
    const std::optional<std::filesystem::path> bundle = given ? given : system_ca_bundle();
    if (!bundle) {
        return fail(Error(ErrorKind::Connection, "no certificate authorities are installed on this system")
                        .with_hint("install the ca-certificates package, or name a PEM file in AWS_CA_BUNDLE"));
    }
    // A pipe would block this thread for good.
    std::error_code unknown;
    const std::filesystem::file_status status = std::filesystem::status(*bundle, unknown);
    if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
        return fail(Error(ErrorKind::Connection,
                          "cannot use the certificate authorities in " + bundle->string() + ": not a regular file")
                        .with_hint("it must be a readable file of PEM certificates"));
    }
    auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
    SSL_CTX* const ctx = context->native_handle();
    if (::SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1) {
        return fail(ErrorKind::Connection, "cannot set up TLS: OpenSSL does not offer TLS 1.2");
    }
    ::SSL_CTX_set_options(ctx, SSL_OP_CLEANSE_PLAINTEXT | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    ::SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
    ::SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, nullptr);
    boost::system::error_code error;
    context->load_verify_file(bundle->string(), error);  // NOLINT(bugprone-unused-return-value)
    if (error) {
        const std::string unreadable = why_unreadable(*bundle);
        return fail(Error(ErrorKind::Connection, "cannot use the certificate authorities in " + bundle->string() +
                                                     ": " + (unreadable.empty() ? error.message() : unreadable))
                        .with_hint("it must be a readable file of PEM certificates"));
    }
    log::debug("aws", "certificate authorities: {}", bundle->string());
    return context;
}

Result<TlsContextPtr> load(const std::optional<std::filesystem::path>& given) {
    try {
        return load_from(given);
    } catch (const std::exception& e) {
        return fail(ErrorKind::Connection, std::string("cannot set up TLS: ") + e.what());
    }
}

bool is_untrusted(long verdict) {
    return verdict == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY || verdict == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT ||
           verdict == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN || verdict == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT ||
           verdict == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE || verdict == X509_V_ERR_CERT_SIGNATURE_FAILURE;
}

}  // namespace

struct TlsContext::State {
    State(io::Executor executor, std::optional<std::filesystem::path> path)
        : bundle(std::move(path)), loaded(executor) {}
    std::optional<std::filesystem::path> bundle;
    TlsContextPtr context;
    bool loading = false;
    std::optional<Error> failure;
    Signal loaded;
};

TlsContext::TlsContext(io::Executor executor, io::Offload& offload, std::optional<std::filesystem::path> bundle)
    : state_(std::make_shared<State>(executor, std::move(bundle))), offload_(offload) {}
TlsContext::~TlsContext() = default;

io::Task<Result<TlsContextPtr>> TlsContext::get() {
    const std::shared_ptr<State> state = state_;
    if (state->context) co_return state->context;
    if (state->loading) {
        co_await state->loaded.wait();
    } else {
        state->loading = true;
        Result<TlsContextPtr> result =
            co_await offload_.run<Result<TlsContextPtr>>([bundle = state->bundle] { return load(bundle); });
        state->loading = false;
        state->failure = result ? std::nullopt : std::optional(result.error());
        if (result) state->context = std::move(*result);
        state->loaded.notify_all();
    }
    if (state->context) co_return state->context;
    co_return fail(state->failure.value_or(Error(ErrorKind::Stopping, "stopping")));
}

std::optional<std::filesystem::path> system_ca_bundle() {
    for (const char* const place : kSystemBundles) {
        std::error_code error;
        if (std::filesystem::is_regular_file(place, error)) return place;
    }
    return std::nullopt;
}

Result<void> expect_host(SSL* ssl, const std::string& host) {
    boost::system::error_code not_address;
    asio::ip::make_address(host, not_address);
    if (!not_address) {
        if (::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(ssl), host.c_str()) == 1) return {};
        return fail(ErrorKind::Connection, "TLS cannot check a certificate for the address " + host);
    }
    ::SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    // NOLINTNEXTLINE: the macro casts a const away
    const bool named = SSL_set_tlsext_host_name(ssl, const_cast<char*>(host.c_str())) == 1;
    if (named && ::SSL_set1_host(ssl, host.c_str()) == 1) return {};
    return fail(ErrorKind::Connection, "TLS cannot check a certificate for the name " + host);
}

Error handshake_error(SSL* ssl, const std::string& host, const boost::system::error_code& error) {
    const long verdict = ::SSL_get_verify_result(ssl);
    const std::string text = "TLS handshake with " + host + " failed: ";
    if (verdict == X509_V_OK) return {ErrorKind::Connection, text + error.message()};
    Error failure(ErrorKind::Connection, text + ::X509_verify_cert_error_string(verdict));
    if (verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH) {
        return std::move(failure).with_hint("the certificate is for another name: check the endpoint and the proxy");
    }
    if (verdict == X509_V_ERR_CERT_HAS_EXPIRED || verdict == X509_V_ERR_CERT_NOT_YET_VALID) {
        return std::move(failure).with_hint("check this machine's clock, then the server's certificate");
    }
    if (is_untrusted(verdict)) {
        return std::move(failure).with_hint(
            "if a proxy inspects TLS, name a PEM file with its authority in AWS_CA_BUNDLE");
    }
    return failure;
}

}  // namespace sma::aws
