// SPDX-License-Identifier: Apache-2.0
#include "emulator/json_text.hpp"

#include <boost/json.hpp>

namespace sma::emulator {

namespace {

constexpr std::size_t kChunk = 4096;

}  // namespace

SecretBytes json_text(const boost::json::value& value) {
    SecretBytes text;
    boost::json::serializer serializer;
    serializer.reset(&value);
    while (!serializer.done()) {
        const std::size_t before = text.size();
        const auto room = text.extend(kChunk);
        text.truncate(before + serializer.read(room.data(), room.size()).size());
    }
    return text;
}

}  // namespace sma::emulator
