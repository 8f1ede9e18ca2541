// SPDX-License-Identifier: Apache-2.0
#include "base/log.hpp"

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/rotating_file_sink.h>

#include <atomic>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>

namespace sma::log {
namespace {

constexpr std::size_t kFileBytes = 10 * 1024 * 1024;
constexpr std::size_t kArchives = 4;      // five files in all, with the live one
constexpr std::size_t kQueueLines = 256;  // about 400 bytes each, taken at start
constexpr const char* kPattern = "%Y-%m-%dT%H:%M:%S.%F%z %l %v";

// Standard output, held back until released; standard error when told to give up on it.
class ConsoleSink final : public spdlog::sinks::base_sink<std::mutex> {
public:
    ConsoleSink(std::FILE* stream, bool held) : stream_(stream), held_(held) {}

    void release() {
        const std::scoped_lock lock(mutex_);
        held_ = false;
        put(waiting_, stream_);
        waiting_.clear();
    }

    void give_up() {
        const std::scoped_lock lock(mutex_);
        if (held_) put(waiting_, stderr);
        waiting_.clear();
    }

private:
    void sink_it_(const spdlog::details::log_msg& message) override {
        spdlog::memory_buf_t line;
        formatter_->format(message, line);
        if (held_)
            waiting_.append(line.data(), line.size());
        else
            put({line.data(), line.size()}, stream_);
    }
    void flush_() override {
        if (!held_) std::fflush(stream_);
    }
    static void put(std::string_view text, std::FILE* stream) {
        std::fwrite(text.data(), 1, text.size(), stream);
        std::fflush(stream);
    }

    std::FILE* stream_;
    bool held_;
    std::string waiting_;
};

// The reference's spelling of the level names.
class LevelFlag final : public spdlog::custom_flag_formatter {
public:
    void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
        std::string_view name = "INFO";
        switch (message.level) {
        case spdlog::level::debug:
            name = "DEBUG";
            break;
        case spdlog::level::warn:
            name = "WARN";
            break;
        case spdlog::level::err:
            name = "ERROR";
            break;
        default:
            break;
        }
        out.append(name.data(), name.data() + name.size());
    }
    [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
        return std::make_unique<LevelFlag>();
    }
};

std::atomic<Level> g_level{Level::None};
std::mutex g_mutex;  // guards what follows against start, stop and release at once; write() only reads
std::shared_ptr<spdlog::details::thread_pool> g_pool;
std::shared_ptr<spdlog::async_logger> g_logger;
std::shared_ptr<ConsoleSink> g_console;
std::weak_ptr<spdlog::details::thread_pool> g_counted;  // set by start() alone
std::atomic<std::size_t> g_lost{0};

spdlog::level::level_enum to_spdlog(Level level) noexcept {
    switch (level) {
    case Level::Debug:
        return spdlog::level::debug;
    case Level::Info:
        return spdlog::level::info;
    case Level::Warn:
        return spdlog::level::warn;
    case Level::Error:
        return spdlog::level::err;
    case Level::None:
        return spdlog::level::off;
    }
    return spdlog::level::off;
}

// A burst may push lines out of the queue: the log has to say so.
void report_lost_lines() {
    const std::shared_ptr<spdlog::details::thread_pool> pool = g_counted.lock();
    if (!pool) return;
    const std::size_t lost = pool->overrun_counter();
    std::size_t reported = g_lost.load();
    // One line for at least a queue full of them, or the reports would push out what they report.
    if (lost < reported + kQueueLines || !g_lost.compare_exchange_strong(reported, lost)) return;
    g_logger->log(spdlog::level::warn, fmt::format("log - {} lines were lost in a burst", lost - reported));
}

std::string printable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f)
            out += fmt::format("\\x{:02x}", byte);
        else
            out += c;
    }
    return out;
}

}  // namespace

std::string_view to_string(Level level) noexcept {
    switch (level) {
    case Level::Debug:
        return "Debug";
    case Level::Info:
        return "Info";
    case Level::Warn:
        return "Warn";
    case Level::Error:
        return "Error";
    case Level::None:
        return "None";
    }
    return "Info";
}

void start(const Options& options) {
    const std::scoped_lock lock(g_mutex);
    spdlog::sink_ptr sink;
    if (options.to_file) {
        try {
            std::filesystem::create_directories(options.directory);
            sink = std::make_shared<spdlog::sinks::rotating_file_sink_mt>(
                (options.directory / "secrets_manager_agent.log").string(), kFileBytes, kArchives);
        } catch (const std::exception& e) {
            std::fprintf(stderr, "warning: cannot write the log file in %s (%s); logging to standard error\n",
                         options.directory.c_str(), e.what());
            sink = std::make_shared<ConsoleSink>(stderr, false);
        }
    } else {
        g_console = std::make_shared<ConsoleSink>(stdout, true);
        sink = g_console;
    }
    auto formatter = std::make_unique<spdlog::pattern_formatter>();
    formatter->add_flag<LevelFlag>('l').set_pattern(kPattern);
    sink->set_formatter(std::move(formatter));
    g_pool = std::make_shared<spdlog::details::thread_pool>(kQueueLines, 1);
    g_counted = g_pool;
    g_lost = 0;
    g_logger = std::make_shared<spdlog::async_logger>("agent", std::move(sink), g_pool,
                                                      spdlog::async_overflow_policy::overrun_oldest);
    g_logger->set_level(spdlog::level::trace);  // filtered by enabled()
    g_logger->flush_on(spdlog::level::trace);
    g_level = options.level;
}

void release_console() {
    const std::scoped_lock lock(g_mutex);
    if (g_console) g_console->release();
}

void set_level(Level level) noexcept {
    g_level = level;
}

void stop() {
    const std::scoped_lock lock(g_mutex);
    g_level = Level::None;
    // g_logger stays: a thread that did not let itself be ended may be in write(). Without its pool it writes nothing.
    g_pool.reset();  // joins the writer: everything queued is written now
    if (g_console) g_console->give_up();
    g_console.reset();
}

bool enabled(Level level) noexcept {
    return level >= g_level.load(std::memory_order_relaxed) && level != Level::None;
}

void write(Level level, std::string_view component, std::string_view text) {
    if (!enabled(level) || !g_logger) return;
    g_logger->log(to_spdlog(level), fmt::format("{} - {}", component, printable(text)));
    report_lost_lines();
}

}  // namespace sma::log
