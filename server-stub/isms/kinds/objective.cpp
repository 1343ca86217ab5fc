// An objective of information security (6.2): measured, and reached only where a measurement says so.
#include "evidence/errors.hpp"
#include "server-stub/isms/kind.hpp"
#include "server-stub/isms/live_metric.hpp"
#include "server-stub/isms/overview.hpp"
#include "server-stub/isms/values.hpp"
#include "server-stub/server/server.hpp"
#include "server-stub/storage/store.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace annexa::store::isms {
namespace {

using evidence::coded_error;
using nlohmann::json;

constexpr std::chrono::days measured_within{100};  // a quarter and a few days

constexpr std::string_view people[] = {"person", "role"};
constexpr std::string_view directions[] = {"at_least", "at_most"};
constexpr std::string_view states[] = {"open", "reached", "dropped"};
constexpr Field measurement_fields[] = {
    {"date", FieldType::date, "When it was measured", flag::required},
    {"value", FieldType::number, "What was measured", flag::required},
    {"by", FieldType::record, "Who measured", 0, people},
    {"note", FieldType::text, "How, and what is to be known of it"},
};
constexpr Field measured_fields[] = {
    {"at", FieldType::instant, "When it was measured", flag::required},
    {"value", FieldType::number, "What was measured", flag::required},
    {"live", FieldType::choice, "By which live metric", flag::required, live_metrics},
    {"check", FieldType::check, "Of which check"},
    {"tree_size", FieldType::integer, "Entries in the log that it rests on", flag::required},
};
constexpr Field fields[] = {
    {"metric", FieldType::line, "What is measured"},
    {"live", FieldType::choice, "The metric in live data; the action measure takes it", 0, live_metrics},
    {"check", FieldType::check, "The check that the live metric is of"},
    {"unit", FieldType::line, "What it is counted in"},
    {"direction", FieldType::choice, "Whether the target is a lower or an upper bound", 0, directions},
    {"baseline", FieldType::number, "The value at the start"},
    {"target", FieldType::number, "The value to be reached"},
    {"due", FieldType::date, "Objective is due", flag::due},
    {"plan", FieldType::text, "What is done for it"},
    {"resources", FieldType::text, "With what"},
    {"evaluation", FieldType::text, "How the result is judged"},
    {"measurements", FieldType::group, "Points of its trend that people took", flag::many, {}, measurement_fields},
    {"measured",
     FieldType::group,
     "Points of its trend from live data",
     flag::many | flag::computed,
     {},
     measured_fields},
    {"state", FieldType::choice, "How it stands; absent: open", 0, states},
    {"reason", FieldType::text, "Why it was dropped"},
};

bool open(const json& members) {
    const std::string state = text_in(members, "state");
    return state.empty() || state == "open";
}

struct Measurement {
    std::string date;
    double value = 0;
};

/// The one of the latest date, taken by people or from live data; of several of a day the last written.
std::optional<Measurement> last_measurement(const json& members) {
    std::optional<Measurement> last;
    for (const auto& [list, date] : {std::pair{"measurements", "date"}, std::pair{"measured", "at"}})
        if (const auto points = members.find(list); points != members.end())
            for (const json& one : *points)
                if (std::string day = text_in(one, date).substr(0, 10); !last || day >= last->date)
                    last = Measurement{std::move(day), one.at("value").get<double>()};
    return last;
}

json measure_now(const ActionContext& context, const json&) {
    json members = *context.record.members;
    if (!has(members, "live"))
        throw coded_error("conflict",
                          "it has no live metric: annexa isms set " + context.record.id + " live=findings_overdue");
    json point{{"at", evidence::to_string(context.facts.now)},
               {"live", members.at("live")},
               {"tree_size", context.server.store.log_head().tree.size}};
    if (has(members, "check")) point["check"] = members.at("check");
    point["value"] = measure(context.server, text_in(members, "live"), text_in(members, "check"), context.facts.now);
    if (!members.contains("measured")) members["measured"] = json::array();
    members["measured"].push_back(std::move(point));
    return members;
}

constexpr Action actions[] = {
    {"measure", "Takes the live metric now, as a point of the trend", Permission::edit, {}, measure_now},
};

bool reaches(const json& members, double value) {
    const auto target = members.at("target").get<double>();
    return text_in(members, "direction") == "at_least" ? value >= target : value <= target;
}

void rules(const Draft& draft, const Register&, const Facts& facts, std::vector<Problem>& problems) {
    const json& members = draft.after;
    const auto problem = [&](const char* path, const std::string& message) {
        problems.push_back({draft.id, path, message});
    };
    if (needs_check(text_in(members, "live")) && !has(members, "check"))
        problem("check", "is missing: " + text_in(members, "live") + " is of one check");
    const std::optional<Measurement> last = last_measurement(members);
    if (last && last->date > day_of(facts.now))
        problem("measurements", "one is in the future: a measurement is recorded once it was made");
    const std::string state = text_in(members, "state");
    if (state == "dropped" && !has(members, "reason")) problem("reason", "is missing: say why it was dropped");
    if (state != "reached") return;
    if (!members.contains("target") || !has(members, "direction") || !last)
        problem("state", "is reached only with a target, its direction and a measurement");
    else if (!reaches(members, last->value))
        problem("state", "the last measurement, of " + last->date + ", does not reach the target");
}

void gaps(const Register& records, const Facts& facts, std::vector<Gap>& gaps) {
    const std::string oldest = day_of(facts.now - measured_within);
    for (const Record* objective : records.of_kind("objective")) {
        const json& members = *objective->members;
        if (!open(members)) continue;
        const std::string set = "annexa isms set " + objective->id;
        const auto lacks = [&](const char* clause, const std::string& what, const std::string& assignment) {
            gaps.push_back({4, clause, objective->id, "The objective " + text_in(members, "title") + " " + what + ".",
                            set + " " + assignment});
        };
        if (!has(members, "metric") && !has(members, "live"))
            lacks("6.2 b", "cannot be measured: it has no metric", "metric=…");
        if (!has(members, "target") || !has(members, "direction"))
            lacks("6.2", "has no target", "target=… direction=at_least");
        if (!has(members, "plan")) lacks("6.2 h", "does not say what is done for it", "plan=…");
        if (!has(members, "owner")) lacks("6.2 j", "has nobody who is answerable", "owner=R-…");
        if (!has(members, "due")) lacks("6.2 k", "has no date", "due=…");
        if (!has(members, "evaluation")) lacks("6.2 l", "does not say how the result is judged", "evaluation=…");
        const std::optional<Measurement> last = last_measurement(members);
        if (!last || last->date < oldest)
            gaps.push_back(
                {4, "9.1", objective->id,
                 "The objective " + text_in(members, "title") +
                     (last ? " was last measured on " + last->date + "." : " was never measured."),
                 has(members, "live") ? "annexa isms act " + objective->id + " measure" : set + " measurements=…"});
        if (objective->approved() == nullptr)
            gaps.push_back({4, "6.2", objective->id, "The objective " + text_in(members, "title") + " is not approved.",
                            "annexa isms approve " + objective->id});
    }
}

}  // namespace

extern const Kind objective{.name = "objective",
                            .plural = "objectives",
                            .title = "Objective",
                            .step = 4,
                            .clauses = "6.2",
                            .fields = fields,
                            .missing = "No objective of information security is set.",
                            .rules = rules,
                            .gaps = gaps,
                            .open = open,
                            .actions = actions};

}  // namespace annexa::store::isms
