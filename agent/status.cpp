#include "agent/status.hpp"

#include "agent/files.hpp"
#include "agent/tls_identity.hpp"
#include "evidence/canonical_json.hpp"
#include "evidence/checkpoint.hpp"
#include "terminal/output.hpp"

#include <nlohmann/json.hpp>

#include <ostream>

namespace annexa::agent {
namespace {

using nlohmann::ordered_json;
using terminal::Colour;

ordered_json time_or_null(const std::optional<evidence::Instant>& time) {
    return time ? ordered_json(evidence::to_string(*time)) : ordered_json();
}

std::string text_of(const ordered_json& value, const char* otherwise = "-") {
    return value.is_string() ? terminal::printable(value.get<std::string>()) : otherwise;
}

Colour colour_of(const std::string& severity) {
    return severity == "error" ? Colour::red : severity == "warning" ? Colour::yellow : Colour::none;
}

}  // namespace

std::string status_json(const AgentStatus& status) {
    ordered_json out{{"running", status.running}, {"state", status.state}};
    const auto& enrolment = status.enrolment;
    out["host"] = enrolment ? ordered_json{{"id", enrolment->host_id}, {"name", enrolment->host_name}} : ordered_json();
    out["store"] = enrolment ? ordered_json(enrolment->url) : ordered_json();
    out["origin"] = enrolment ? ordered_json(enrolment->origin()) : ordered_json();
    out["sequence"] = status.chain ? ordered_json(status.chain->last.sequence) : ordered_json();
    out["acknowledged"] = status.chain && status.chain->acknowledged
                              ? ordered_json(status.chain->acknowledged->sequence)
                              : ordered_json();
    out["log_size"] = status.log_size;
    out["last_delivery"] = time_or_null(status.last_delivery);
    out["next_attempt"] = time_or_null(status.next_attempt);
    out["trouble"] = status.trouble.empty() ? ordered_json() : ordered_json(terminal::printable(status.trouble));
    out["certificate_until"] = time_or_null(status.certificate_until);
    out["spool"] = {{"waiting", status.spool.waiting},
                    {"oldest", time_or_null(status.spool.oldest)},
                    {"statements_pending", status.spool.pending},
                    {"bytes", status.spool.bytes},
                    {"dropped", status.spool.dropped}};
    if (status.chain && status.chain->alarm)
        out["alarm"] = {{"code", status.chain->alarm->code},
                        {"at", evidence::to_string(status.chain->alarm->at)},
                        {"detail", terminal::printable(status.chain->alarm->detail)}};
    out["conditions"] = ordered_json::array();
    for (const Conditions::Held& held : status.conditions)
        out["conditions"].push_back({{"code", held.condition->code},
                                     {"severity", severity_name(held.condition->severity)},
                                     {"since", evidence::to_string(held.since)},
                                     {"sentence", held.condition->sentence},
                                     {"todo", held.condition->todo},
                                     {"detail", terminal::printable(held.detail)}});
    out["collectors"] = ordered_json::array();
    for (const auto& [name, one] : status.collectors)
        out["collectors"].push_back({{"collector", name},
                                     {"last_run", time_or_null(one.last_run)},
                                     {"next_run", time_or_null(one.next_run)},
                                     {"status", one.status.empty() ? ordered_json() : ordered_json(one.status)},
                                     {"reason", one.reason.empty() ? ordered_json() : ordered_json(one.reason)}});
    return out.dump();
}

std::string status_line(const AgentStatus& status) {
    std::string line = status.state + "; " +
                       (status.chain && status.chain->acknowledged
                            ? std::to_string(status.chain->acknowledged->sequence) + " statements proved"
                            : std::string{"nothing proved yet"}) +
                       ", " + std::to_string(status.spool.waiting) + " results wait";
    for (std::size_t i = 0; i < status.conditions.size(); ++i)
        line += (i == 0 ? "; problems: " : ", ") + std::string{status.conditions[i].condition->code};
    return terminal::printable(line);
}

void print_status(std::ostream& out, const std::string& json, const terminal::Paint& paint) {
    const ordered_json status = ordered_json::parse(json);
    for (const auto& one : status["conditions"]) {
        const std::string severity = one["severity"].get<std::string>();
        out << paint(colour_of(severity), severity) << "  " << paint(Colour::bold, text_of(one["code"])) << "  since "
            << text_of(one["since"]) << '\n'
            << terminal::wrapped(text_of(one["sentence"]), "       ");
        if (!text_of(one["detail"], "").empty()) out << terminal::wrapped(text_of(one["detail"]), "       ");
        out << terminal::wrapped("next: " + text_of(one["todo"]), "       ") << '\n';
    }
    out << "service       " << (status["running"].get<bool>() ? "running, " + text_of(status["state"]) : "not running")
        << '\n';
    if (status["host"].is_null()) {
        out << "enrolment     none\n";
        return;
    }
    out << "host          " << text_of(status["host"]["name"]) << " (" << text_of(status["host"]["id"]) << ")\n"
        << "store         " << text_of(status["store"]) << ", " << text_of(status["origin"]) << '\n'
        << "statements    " << status["sequence"].dump() << " signed, "
        << (status["acknowledged"].is_null() ? "none" : "up to " + status["acknowledged"].dump())
        << " proved to be in the log of " << status["log_size"].dump() << " entries\n"
        << "last delivery " << text_of(status["last_delivery"])
        << (status["next_attempt"].is_null() ? "" : ", next attempt " + text_of(status["next_attempt"])) << '\n';
    if (!status["trouble"].is_null()) out << "trouble       " << text_of(status["trouble"]) << '\n';
    out << "spool         " << status["spool"]["waiting"].dump() << " results wait, "
        << status["spool"]["dropped"].dump() << " lost and not yet said, " << status["spool"]["bytes"].dump()
        << " bytes\n"
        << "certificate   valid until " << text_of(status["certificate_until"]) << '\n';
    if (status["collectors"].empty()) return;
    evidence::Table table{"", {}, {}};
    for (const char* column : {"collector", "status", "last run", "next run"})
        table.columns.push_back({column, evidence::Type::text});
    for (const auto& one : status["collectors"])
        table.rows.push_back({text_of(one["collector"]),
                              text_of(one["status"]) + (one["reason"].is_null() ? "" : " " + text_of(one["reason"])),
                              text_of(one["last_run"]), text_of(one["next_run"])});
    out << '\n';
    terminal::print_aligned(out, table, paint);
}

AgentStatus offline_status(const Configuration& configuration, evidence::Instant now) {
    AgentStatus status;
    status.state = "not_enrolled";
    Conditions conditions;
    if (std::filesystem::exists(configuration.state / "enrolment.json"))
        status.enrolment = load_enrolment(configuration.state);
    if (status.enrolment) {
        status.state = "stopped";
        status.chain = load_chain_state(configuration.state);
        status.log_size = evidence::open_checkpoint(status.chain->checkpoint, status.enrolment->log).head.size;
        if (const auto certificate = read_file(configuration.state / "certificate.pem"))
            status.certificate_until = certificate_life(*certificate).until;
        if (status.chain->alarm)
            conditions.raise(status.chain->alarm->code, status.chain->alarm->at, status.chain->alarm->detail);
        conditions.raise("not_running", now);
    } else {
        conditions.raise("not_enrolled", now);
    }
    status.conditions = conditions.shown(now);
    return status;
}

}  // namespace annexa::agent
