#include "server-stub/isms/runs.hpp"

#include "server-stub/isms/values.hpp"
#include "server-stub/storage/blobs.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace annexa::store::isms {
namespace {

using nlohmann::json;

constexpr std::size_t most_differences = 2000;
constexpr std::size_t most_shown_bytes = 200;

/// A value in a line.
std::string shown(const json& record, std::string_view member) {
    const auto found = record.find(member);
    if (found == record.end()) return {};
    std::string text = found->is_string() ? found->get<std::string>() : found->dump();
    if (text.size() > most_shown_bytes) text = "…";
    std::replace(text.begin(), text.end(), '\n', ' ');
    std::replace(text.begin(), text.end(), '\t', ' ');
    return text;
}

std::map<std::string, const json*> by_id(const json& rows) {
    std::map<std::string, const json*> found;
    for (const json& row : rows) found.emplace(text_in(row, "id"), &row.at("record"));
    return found;
}

}  // namespace

const Record* last_frozen(const Register& records, std::string_view kind, std::string_view but) {
    const Record* last = nullptr;
    for (const Record* record : records.of_kind(kind))
        if (record->id != but && has(*record->members, "digest") &&
            (last == nullptr || text_in(*record->members, "frozen_at") > text_in(*last->members, "frozen_at")))
            last = record;
    return last;
}

std::optional<json> read_frozen(const Blobs& blobs, const Record& record) {
    const std::optional<std::string> bytes = blobs.get(Digest::from_hex(text_in(*record.members, "digest")));
    if (!bytes) return std::nullopt;
    return json::parse(*bytes);
}

json frozen_row(const Record& record, std::initializer_list<std::string_view> members) {
    json kept = json::object();
    for (const std::string_view member : members)
        if (const auto found = record.members->find(member); found != record.members->end())
            kept[std::string{member}] = *found;
    return {{"id", record.id},
            {"version", record.last().version},
            {"digest", record.last().digest.hex()},
            {"record", std::move(kept)}};
}

void check_frozen(const Draft& draft, std::initializer_list<std::string_view> members, std::vector<Problem>& problems) {
    if (draft.before == nullptr || !draft.before->members || !has(*draft.before->members, "digest")) return;
    const json& before = *draft.before->members;
    for (const std::string_view member : members)
        if (differs(before, draft.after, member))
            problems.push_back({draft.id, std::string{member}, "is frozen; make another instead"});
}

json run_differences(const json& before, const json& after, std::initializer_list<std::string_view> members) {
    json lines = json::array();
    const auto add = [&](const std::string& id, std::string_view what, std::string from, std::string to) {
        if (lines.size() == most_differences) return;
        json line{{"risk", id}, {"what", what}};
        if (!from.empty()) line["from"] = std::move(from);
        if (!to.empty()) line["to"] = std::move(to);
        lines.push_back(std::move(line));
    };
    const auto earlier = by_id(before);
    const auto later = by_id(after);
    for (const auto& [id, record] : later) {
        const auto was = earlier.find(id);
        if (was == earlier.end()) {
            add(id, "added", "", shown(*record, "level"));
            continue;
        }
        for (const std::string_view member : members)
            if (const std::string from = shown(*was->second, member), to = shown(*record, member); from != to)
                add(id, member, from, to);
    }
    for (const auto& [id, record] : earlier)
        if (!later.contains(id)) add(id, "removed", shown(*record, "level"), "");
    return lines;
}

}  // namespace annexa::store::isms
