#include "agent/chain_state.hpp"

#include "agent/files.hpp"
#include "evidence/canonical_json.hpp"
#include "evidence/errors.hpp"

#include <nlohmann/json.hpp>

#include <array>

namespace annexa::agent {
namespace {

using evidence::ChainHead;
using evidence::Digest;
using evidence::format_error;
using nlohmann::json;

constexpr std::array<const char*, 2> files{"chain-1", "chain-2"};

json head_json(const ChainHead& head) {
    return {{"digest", head.digest.hex()}, {"sequence", std::to_string(head.sequence)}};
}

std::uint64_t number(const json& value) {
    const std::string& text = value.get_ref<const std::string&>();
    std::size_t used = 0;
    const std::uint64_t result = std::stoull(text, &used);
    if (used != text.size()) throw format_error(0, "a number");
    return result;
}

ChainHead read_head(const json& value) {
    return {number(value.at("sequence")), Digest::from_hex(value.at("digest").get_ref<const std::string&>())};
}

ChainState read_body(const json& body) {
    ChainState state;
    state.generation = number(body.at("generation"));
    state.last = read_head(body.at("last"));
    state.checkpoint = body.at("checkpoint").get<std::string>();
    if (body.contains("acknowledged")) state.acknowledged = read_head(body["acknowledged"]);
    if (body.contains("rollback")) {
        const ChainHead was = read_head(body["rollback"]);
        state.rollback = evidence::Rollback{was.sequence, was.digest};
    }
    if (body.contains("alarm")) {
        const json& alarm = body["alarm"];
        state.alarm = evidence::Alarm{alarm.at("code").get<std::string>(),
                                      evidence::parse_instant(alarm.at("at").get<std::string>()),
                                      alarm.at("known").get<std::string>(), alarm.at("received").get<std::string>(),
                                      alarm.at("detail").get<std::string>()};
    }
    if (body.contains("behind_since"))
        state.behind_since = evidence::parse_instant(body["behind_since"].get<std::string>());
    return state;
}

}  // namespace

std::string serialise(const ChainState& state) {
    json body{{"generation", std::to_string(state.generation)},
              {"last", head_json(state.last)},
              {"checkpoint", state.checkpoint}};
    if (state.acknowledged) body["acknowledged"] = head_json(*state.acknowledged);
    if (state.rollback) body["rollback"] = head_json({state.rollback->sequence, state.rollback->digest});
    if (state.alarm)
        body["alarm"] = {{"code", state.alarm->code},
                         {"at", evidence::to_string(state.alarm->at)},
                         {"known", state.alarm->known},
                         {"received", state.alarm->received},
                         {"detail", state.alarm->detail}};
    if (state.behind_since) body["behind_since"] = evidence::to_string(*state.behind_since);
    const std::string text = evidence::canonical_json(body);
    return evidence::sha256(text).hex() + "\n" + text + "\n";
}

ChainState parse_chain_state(std::string_view bytes) {
    if (bytes.size() < 66 || bytes[64] != '\n' || bytes.back() != '\n')
        throw format_error(0, "a digest and a line of JSON");
    const std::string_view text = bytes.substr(65, bytes.size() - 66);
    if (evidence::sha256(text).hex() != bytes.substr(0, 64)) throw format_error(0, "the digest of what follows");
    try {
        return read_body(evidence::parse_json(text));
    } catch (const json::exception& problem) {
        throw format_error(65, problem.what());
    } catch (const std::logic_error&) {  // of stoull
        throw format_error(65, "numbers");
    }
}

void save_chain_state(const std::filesystem::path& folder, ChainState& state) {
    ++state.generation;
    const std::string bytes = serialise(state);
    for (const char* name : files) write_file(folder / name, bytes);
}

ChainState load_chain_state(const std::filesystem::path& folder) {
    std::optional<ChainState> newest;
    std::string problems;
    for (const char* name : files) {
        try {
            const auto bytes = read_file(folder / name);
            if (!bytes) {
                problems += std::string{" "} + name + " is missing;";
                continue;
            }
            ChainState state = parse_chain_state(*bytes);
            if (!newest || state.generation > newest->generation) newest = std::move(state);
        } catch (const evidence::error& problem) {
            problems += std::string{" "} + name + ": " + problem.what() + ";";
        }
    }
    if (newest) return *newest;
    throw evidence::error(
        "where the chain stands is lost in " + folder.string() + ":" + problems +
        " enrol this host anew (annexa-agent forget --yes, then annexa-agent enroll with a token made with --host)");
}

}  // namespace annexa::agent
