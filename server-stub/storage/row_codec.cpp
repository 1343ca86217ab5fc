#include "server-stub/storage/row_codec.hpp"

#include "evidence/canonical_json.hpp"
#include "evidence/errors.hpp"
#include "server-stub/storage/store.hpp"

#include <nlohmann/json.hpp>

namespace annexa::store {
namespace {

using nlohmann::json;

json read(std::string_view text) {
    json value = json::parse(text, nullptr, false);
    if (value.is_discarded()) throw evidence::error("the database holds a text that is not JSON");
    return value;
}

// What was written by us and does not have our form was changed in the database.
template <class Decode>
auto decoded(std::string_view text, Decode decode) {
    const json value = read(text);
    try {
        return decode(value);
    } catch (const json::exception&) {
        throw evidence::error("the database holds a JSON text of another form than was written");
    }
}

std::int64_t milliseconds(Instant instant) { return instant.time_since_epoch().count(); }
Instant instant(std::int64_t ms) { return Instant{std::chrono::milliseconds{ms}}; }

json optional_time(const std::optional<Instant>& time) { return time ? json(milliseconds(*time)) : json(); }
json optional_index(const std::optional<std::uint64_t>& index) { return index ? json(*index) : json(); }

// Members may hold any 64-bit number and any bytes, so this is JSON in its plain form and not RFC 8785's number
// profile; only we read it.
Digest digest_of(const json& members) {
    return evidence::sha256(members.dump(-1, ' ', false, json::error_handler_t::replace));
}

}  // namespace

std::string encode_results(const std::vector<StoredResult>& results) {
    json list = json::array();
    for (const StoredResult& result : results) {
        json item{{"collector", result.collector},
                  {"collected_at", milliseconds(result.collected_at)},
                  {"written_out", result.written_out}};
        if (result.same_as) {
            item["same_as"] = *result.same_as;
        } else {
            item["version"] = result.version;
            item["status"] = evidence::status_name(result.status);
            if (result.reason) item["reason"] = evidence::reason_code(*result.reason);
            json tables = json::array();
            for (const TableRef& table : result.tables) tables.push_back(json::array({table.name, table.digest.hex()}));
            item["tables"] = std::move(tables);
        }
        list.push_back(std::move(item));
    }
    return list.dump();
}

std::vector<StoredResult> decode_results(std::string_view text) {
    return decoded(text, [](const json& list) {
        std::vector<StoredResult> results;
        for (const json& item : list) {
            StoredResult result;
            result.collector = item.at("collector").get<std::string>();
            result.collected_at = instant(item.at("collected_at").get<std::int64_t>());
            result.written_out = item.at("written_out").get<std::uint64_t>();
            if (const auto same = item.find("same_as"); same != item.end()) {
                result.same_as = same->get<std::uint64_t>();
            } else {
                result.version = item.at("version").get<int>();
                const auto status = evidence::parse_status(item.at("status").get<std::string>());
                if (!status) throw evidence::error("the database holds an unknown status of a result");
                result.status = *status;
                if (const auto reason = item.find("reason"); reason != item.end())
                    result.reason = evidence::parse_reason(reason->get<std::string>());
                for (const json& table : item.at("tables"))
                    result.tables.push_back(
                        {table.at(0).get<std::string>(), Digest::from_hex(table.at(1).get<std::string>())});
            }
            results.push_back(std::move(result));
        }
        return results;
    });
}

std::string encode_boots(const std::vector<StoredBoot>& boots) {
    json list = json::array();
    for (const StoredBoot& boot : boots)
        list.push_back(json::array({boot.machine ? json(boot.machine->hex()) : json(),
                                    boot.boot_id ? json(*boot.boot_id) : json(), boot.rollback}));
    return list.dump();
}

std::vector<StoredBoot> decode_boots(std::string_view text) {
    return decoded(text, [](const json& list) {
        std::vector<StoredBoot> boots;
        for (const json& item : list) {
            StoredBoot boot;
            if (!item.at(0).is_null()) boot.machine = Digest::from_hex(item.at(0).get<std::string>());
            if (!item.at(1).is_null()) boot.boot_id = item.at(1).get<std::string>();
            boot.rollback = item.at(2).get<bool>();
            boots.push_back(std::move(boot));
        }
        return boots;
    });
}

std::string encode_texts(const std::vector<std::string>& texts) { return json(texts).dump(); }
std::vector<std::string> decode_texts(std::string_view text) {
    return decoded(text, [](const json& list) { return list.get<std::vector<std::string>>(); });
}

std::string encode_tags(const std::map<std::string, std::string>& tags) { return json(tags).dump(); }
std::map<std::string, std::string> decode_tags(std::string_view text) {
    return decoded(text, [](const json& object) { return object.get<std::map<std::string, std::string>>(); });
}

Digest history_digest(const HistoryRow& row) {
    return digest_of(json::array({"history", row.id, row.host, row.check, row.state, milliseconds(row.from),
                                  optional_time(row.to), row.from_index, optional_index(row.to_index), row.known,
                                  optional_index(row.superseded), row.detail}));
}

Digest finding_digest(const FindingRow& row) {
    return digest_of(json::array({"finding", row.id, row.host, row.check, row.key, milliseconds(row.opened),
                                  optional_time(row.closed), row.opened_index, optional_index(row.closed_index),
                                  row.known, optional_index(row.superseded), row.detail}));
}

namespace {
constexpr std::string_view state_names[] = {"active", "replaced", "retired", "revoked", "two_machines"};
}

std::string_view enrolment_state_name(EnrolmentState state) { return state_names[static_cast<std::size_t>(state)]; }

std::optional<EnrolmentState> parse_enrolment_state(std::string_view name) {
    for (std::size_t i = 0; i < std::size(state_names); ++i)
        if (state_names[i] == name) return static_cast<EnrolmentState>(i);
    return std::nullopt;
}

}  // namespace annexa::store
