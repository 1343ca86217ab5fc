// A peer in the place of annexa-collect that behaves as its name says: well, or in one of the ways in which a peer can
// go wrong. Speaks the protocol over descriptor 0.
#include "agent/collected.hpp"
#include "evidence/digest.hpp"
#include "evidence/frame.hpp"

#include <nlohmann/json.hpp>

#include <sys/socket.h>
#include <unistd.h>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace annexa;

void send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::send(0, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0) std::_Exit(3);
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
}

std::string receive() {
    evidence::FrameDecoder decoder{std::size_t{64} << 10};
    char buffer[4096];
    for (;;) {
        if (auto frame = decoder.next()) return *frame;
        const ssize_t count = recv(0, buffer, sizeof buffer, 0);
        if (count <= 0) std::_Exit(3);
        decoder.add({buffer, static_cast<std::size_t>(count)});
    }
}

/// As the runner says of a child that was too slow.
std::string late(const std::string& collector) {
    return evidence::encode_frame(to_json(agent::failed_result(collector, 4, evidence::Reason::timed_out,
                                                               "it did not end", evidence::SystemClock{}.now())));
}

std::string answer(const std::string& collector, const std::string& table, const std::string& cell) {
    agent::Collected result;
    result.collector = collector;
    const char* version = std::getenv("FAKE_VERSION");
    result.version = version != nullptr ? std::atoi(version) : 4;
    result.duration_ms = 1;
    result.collected_at = evidence::SystemClock{}.now();
    result.tables = {
        {"sources_" + collector,
         {{"path", evidence::Type::text}, {"sha256", evidence::Type::text}, {"size", evidence::Type::integer}},
         {}},
        {table, {{"value", evidence::Type::text}}, {{cell}}}};
    return evidence::encode_frame(to_json(result));
}

}  // namespace

int main(int, char** argv) {
    const std::string_view manner = argv[0];
    if (manner == "deaf") return 0;
    const std::string text = receive();
    const nlohmann::json request = nlohmann::json::parse(text);
    bool first = true;
    for (const std::string collector : request["collectors"]) {
        if (!first || manner == "silent") {
            if (manner == "dies") return 1;
            if (manner == "hangs" || manner == "silent") pause();
            if (manner == "short") break;
            if (manner == "late") {
                send(late(collector));
                continue;
            }
            if (manner == "garbage") send(evidence::encode_frame("{\"collector\":"));
            if (manner == "huge") send("\xff\xff\xff\xff");
            if (manner == "cut") {
                send(answer(collector, collector, "x").substr(0, 60));
                return 0;
            }
        }
        const char* token = std::getenv("ANNEXA_TOKEN");
        send(answer(collector, manner == "stranger" && !first ? "shadow" : collector, token != nullptr ? token : text));
        if (manner == "twice") send(answer(collector, collector, "again"));
        first = false;
    }
    const std::string machine = manner == "elsewhere" ? '"' + evidence::sha256("another machine").hex() + '"' : "null";
    send(evidence::encode_frame(
        "{\"boot_id\":\"b\",\"clock_synchronized\":true,\"end\":true,\"host_name\":\"web1\",\"machine\":" + machine +
        ",\"privileged\":false}"));
    return 0;
}
