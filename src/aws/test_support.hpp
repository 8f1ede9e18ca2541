// SPDX-License-Identifier: Apache-2.0
// What the tests of this module share.
#pragma once

#include "aws/environment.hpp"
#include "aws/http.hpp"
#include "io/event_loop.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include <atomic>
#include <deque>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <unistd.h>

namespace sma::aws::testing {

template <class T>
T run_on(io::EventLoop& loop, io::Task<T> task) {
    return boost::asio::co_spawn(loop.executor(), std::move(task), boost::asio::use_future).get();
}

using Variables = std::map<std::string, std::string, std::less<>>;

inline Environment fake_environment(Variables variables) {
    return [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
    };
}

/// A directory of its own, gone afterwards.
class TempDirectory {
public:
    TempDirectory() {
        static std::atomic<int> count{0};
        path_ = std::filesystem::temp_directory_path() /
                ("sma-aws-test-" + std::to_string(::getpid()) + "-" + std::to_string(++count));
        std::filesystem::create_directories(path_);
    }
    ~TempDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TempDirectory(const TempDirectory&) = delete;
    TempDirectory& operator=(const TempDirectory&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    std::filesystem::path write(const std::string& name, std::string_view text) const {
        const std::filesystem::path file = path_ / name;
        std::ofstream(file, std::ios::binary) << text;
        return file;
    }

private:
    std::filesystem::path path_;
};

/// What a request looked like.
struct Sent {
    std::string method;
    Url url;
    std::map<std::string, std::string> headers;  ///< lower-case names
    std::string body;
};

inline HttpResponse answer(unsigned status, std::string_view body, Variables headers = {}) {
    HttpResponse response;
    response.status = status;
    response.body = SecretBytes(body);
    for (const auto& [name, value] : headers)
        response.headers.push_back({name, SecretBytes(value)});
    return response;
}

/// Answers from a list, and remembers what it was asked. The last answer stays.
class ScriptedSender final : public HttpSender {
public:
    using Step = std::function<Result<HttpResponse>()>;
    explicit ScriptedSender(std::vector<Step> steps) : steps_(steps.begin(), steps.end()) {}

    io::Task<Result<HttpResponse>> send(HttpRequest request) override {
        Sent sent{request.method, request.url, {}, std::string(request.body.reveal())};
        for (const HttpHeader& header : request.headers) {
            std::string name = header.name;
            for (char& c : name)
                c = static_cast<char>(std::tolower(c));
            sent.headers[name] = std::string(header.value.reveal());
        }
        sent_.push_back(std::move(sent));
        const Step step = steps_.front();
        if (steps_.size() > 1) steps_.pop_front();
        co_return step();
    }
    [[nodiscard]] const std::vector<Sent>& sent() const { return sent_; }

private:
    std::deque<Step> steps_;
    std::vector<Sent> sent_;
};

inline ScriptedSender::Step says(unsigned status, std::string body, Variables headers = {}) {
    return [=] { return Result<HttpResponse>(answer(status, body, headers)); };
}
inline ScriptedSender::Step fails(ErrorKind kind) {
    return [=] { return Result<HttpResponse>(fail(kind, "scripted")); };
}

}  // namespace sma::aws::testing
