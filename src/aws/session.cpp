// SPDX-License-Identifier: Apache-2.0
#include "aws/session.hpp"

#include "aws/credentials/default_chain.hpp"
#include "aws/credentials/file.hpp"
#include "aws/credentials/static.hpp"
#include "aws/endpoint.hpp"
#include "aws/http_client.hpp"
#include "aws/region.hpp"
#include "aws/service_client.hpp"
#include "aws/settings.hpp"
#include "aws/user_agent.hpp"
#include "base/log.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace sma::aws {
namespace {

Result<Settings> load_settings(const SessionOptions& options) {
    // Given credentials (the development backend) need no file, and no mistake in one may be in their way.
    if (options.static_credentials) return Settings::without_files(options.environment);
    // With a file of its own the profile may be in that one alone.
    const MissingProfile missing = options.credentials_file ? MissingProfile::IsEmpty : MissingProfile::IsError;
    return Settings::load(options.environment, missing);
}

Result<RetryOptions> retry_options(const Settings& settings) {
    RetryOptions options;
    const std::string mode = settings.get("AWS_RETRY_MODE", "retry_mode").value_or("standard");
    constexpr std::array<std::string_view, 3> modes{"legacy", "standard", "adaptive"};
    if (std::ranges::find(modes, mode) == modes.end()) {
        return fail(ErrorKind::InvalidInput, "AWS_RETRY_MODE (retry_mode) must be legacy, standard or adaptive");
    }
    if (mode != "standard") log::warn("aws", "AWS_RETRY_MODE (retry_mode): standard is used in place of {}", mode);
    if (const auto text = settings.get("AWS_MAX_ATTEMPTS", "max_attempts")) {
        const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), options.max_attempts);
        if (error != std::errc{} || end != text->data() + text->size() || options.max_attempts < 1) {
            return fail(ErrorKind::InvalidInput, "AWS_MAX_ATTEMPTS (max_attempts) must be a number from 1");
        }
    }
    return options;
}

Result<HttpOptions> http_options(const Settings& settings) {
    HttpOptions options;
    Result<ProxySettings> proxies = ProxySettings::from(settings.environment());
    if (!proxies) return fail(std::move(proxies.error()));
    options.proxies = std::move(*proxies);
    if (const auto bundle = settings.get("AWS_CA_BUNDLE", "ca_bundle"); bundle && !bundle->empty()) {
        options.ca_bundle = expand_path(*bundle, settings.environment());
        return options;
    }
    for (const char* const variable : {"REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"}) {
        if (!options.ca_bundle) options.ca_bundle = non_empty(settings.environment(), variable);
    }
    return options;
}

Result<Endpoint> endpoint_for(Service service, const SessionOptions& options, const Settings& settings,
                              const std::optional<std::string>& region) {
    Result<EndpointOptions> found = endpoint_options(service, settings);
    if (!found) return fail(std::move(found.error()));
    found->region = region;
    if (options.endpoint_url) found->custom_url = options.endpoint_url;
    return resolve_endpoint(service, *found);
}

class SessionImpl final : public Session {
public:
    struct Parts {
        Result<Region> region;
        HttpOptions http;
        std::unique_ptr<CredentialsProvider> credentials;
        ServiceOptions secrets_manager;
        ServiceOptions sts;
    };

    SessionImpl(Parts parts, io::Executor executor, io::Offload& offload, const Clock& clock)
        : region_(std::move(parts.region)), http_(executor, offload, std::move(parts.http)),
          credentials_(std::move(parts.credentials)),
          secrets_manager_client_(std::move(parts.secrets_manager), http_, *credentials_, clock),
          sts_client_(std::move(parts.sts), http_, *credentials_, clock), secrets_manager_(secrets_manager_client_),
          sts_(sts_client_) {}

    [[nodiscard]] const Result<Region>& region() const override { return region_; }
    [[nodiscard]] Result<std::string> secrets_manager_endpoint() const override {
        const Result<Endpoint>& endpoint = secrets_manager_client_.endpoint();
        if (!endpoint) return fail(endpoint.error());
        return endpoint->url.text();
    }
    [[nodiscard]] CredentialsProvider& credentials() override { return *credentials_; }
    [[nodiscard]] SecretsManager& secrets_manager() override { return secrets_manager_; }
    [[nodiscard]] Sts& sts() override { return sts_; }
    void stop() override {
        http_.stop();
        credentials_->stop();
    }

private:
    Result<Region> region_;
    HttpClient http_;
    std::unique_ptr<CredentialsProvider> credentials_;
    ServiceClient secrets_manager_client_;
    ServiceClient sts_client_;
    SecretsManager secrets_manager_;
    Sts sts_;
};

std::unique_ptr<CredentialsProvider> make_provider(const SessionOptions& options, const Settings& settings,
                                                   io::Executor upstream, io::Offload& offload, const Clock& clock) {
    if (options.static_credentials) return std::make_unique<StaticProvider>(options.static_credentials);
    if (!options.credentials_file) return default_chain(settings, upstream, clock);
    const LongTermKeys long_term = options.allow_long_term_credentials ? LongTermKeys::Allowed : LongTermKeys::Refused;
    CredentialsFileOptions file{*options.credentials_file,
                                non_empty(options.environment, "AWS_PROFILE").value_or("default"), long_term};
    return std::make_unique<CredentialsFileProvider>(std::move(file), upstream, offload);
}

}  // namespace

Result<std::unique_ptr<Session>> Session::create(SessionOptions options, io::Executor upstream, io::Offload& offload,
                                                 const Clock& clock) {
    const Result<Settings> settings = load_settings(options);
    if (!settings) return fail(settings.error());
    const Result<RetryOptions> retry = retry_options(*settings);
    if (!retry) return fail(retry.error());
    Result<HttpOptions> http = http_options(*settings);
    if (!http) return fail(std::move(http.error()));

    const Result<RegionChoice> choice = choose_region(options.region, *settings);
    const std::optional<std::string> name = choice ? std::optional(choice->name) : std::nullopt;
    const std::string agent =
        user_agent(options.environment, settings->get("AWS_SDK_UA_APP_ID", "sdk_ua_app_id").value_or(""));
    const auto service = [&](Service which, std::string signing_name, std::string target_prefix) {
        Result<Endpoint> endpoint = endpoint_for(which, options, *settings, name);
        // A region that is there but wrong deserves its own words.
        if (!endpoint && !choice && endpoint.error().kind() == ErrorKind::NoRegion) endpoint = fail(choice.error());
        return ServiceOptions{std::move(signing_name), std::move(target_prefix), std::move(endpoint), agent, *retry};
    };
    ServiceOptions secrets_manager = service(Service::SecretsManager, "secretsmanager", "secretsmanager");
    ServiceOptions sts = service(Service::Sts, "sts", {});
    for (const ServiceOptions* made : {&secrets_manager, &sts}) {
        if (!made->endpoint && made->endpoint.error().kind() == ErrorKind::InvalidInput)
            return fail(made->endpoint.error());
    }
    Result<Region> region =
        choice ? Result<Region>(Region{choice->name, choice->source}) : Result<Region>(fail(choice.error()));
    if (region) strip_fips(region->name);
    return std::make_unique<SessionImpl>(SessionImpl::Parts{std::move(region), std::move(*http),
                                                            make_provider(options, *settings, upstream, offload, clock),
                                                            std::move(secrets_manager), std::move(sts)},
                                         upstream, offload, clock);
}

}  // namespace sma::aws
