// annexa isms init: the few records that everything else hangs on, as drafts that nobody has approved.
#include "cli/command_line.hpp"
#include "cli/isms/commands.hpp"
#include "cli/isms/records.hpp"
#include "cli/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <ostream>

namespace annexa::cli {
namespace {

using nlohmann::json;
using terminal::Colour;

struct InitOptions {
    std::string name;
    Format format = Format::text;
};

/// Four steps each way, with the products of the two as levels: a scale that needs no explaining. To be adapted.
json criteria_draft() {
    const auto steps = [](std::initializer_list<const char*> labels) {
        json list = json::array();
        for (const char* label : labels) list.push_back({{"value", list.size() + 1}, {"label", label}});
        return list;
    };
    return {{"likelihood_scale", steps({"rare", "possible", "likely", "frequent"})},
            {"impact_scale", steps({"slight", "noticeable", "serious", "threatening"})},
            {"level_function", "product"},
            {"level_scale", json::array({{{"from", 1}, {"label", "low"}},
                                         {{"from", 4}, {"label", "medium"}},
                                         {{"from", 8}, {"label", "high"}}})},
            {"acceptance_line", 3},
            {"interval_days", 365}};
}

struct Draft {
    const char* kind;
    std::string title;
    json members = json::object();
};

std::vector<Draft> drafts(const std::string& organization) {
    return {{"scope", "Scope of the management system of " + organization},
            {"programme", "Programme of the management system"},
            {"criteria", "Criteria of risk assessment (example, adapt)", criteria_draft()},
            {"statement", "Statement of Applicability"}};
}

bool has_kind(const json& records, const std::string& kind) {
    return std::any_of(records.begin(), records.end(), [&](const json& record) { return record["kind"] == kind; });
}

/// The person whose account asks; empty where none is recorded.
std::string person_of(const json& records, const std::string& account) {
    for (const json& record : records)
        if (record["kind"] == "person" && text_of(record["members"], "account") == account)
            return text_of(record, "id");
    return {};
}

json changes_wanted(const json& records, const json& session, const InitOptions& options) {
    json changes = json::array();
    std::string owner = person_of(records, text_of(session, "account"));
    if (owner.empty()) {
        const std::string known = text_of(session, "name");
        const std::string name = !options.name.empty() ? options.name : known.empty() ? "Administrator" : known;
        changes.push_back({{"record", "you"},
                           {"kind", "person"},
                           {"members", {{"title", name}, {"account", session.at("account")}}}});
        owner = "$you";
    }
    for (Draft& draft : drafts(text_of(session, "organization"))) {
        if (has_kind(records, draft.kind)) continue;
        draft.members["title"] = draft.title;
        draft.members["owner"] = owner;
        changes.push_back({{"record", draft.kind}, {"kind", draft.kind}, {"members", std::move(draft.members)}});
    }
    return changes;
}

Exit command_init(const InitOptions& options, Client& client, const Terminal& terminal) {
    const json session = client.get("/api/v1/session");
    const json records = client.get("/api/v1/isms/records")["records"];
    const json changes = changes_wanted(records, session, options);
    json applied = json::array();
    if (!changes.empty()) applied = client.post("/api/v1/isms/changes", {{"changes", changes}})["applied"];
    const json gaps = client.get("/api/v1/isms/gaps")["gaps"];
    if (options.format == Format::json) {
        terminal.out << json{{"made", applied}, {"gaps", gaps.size()}}.dump(2) << '\n';
        return Exit::fine;
    }
    for (std::size_t i = 0; i < applied.size(); ++i)
        terminal.out << "made " << terminal.paint(Colour::bold, text_of(applied[i], "id")) << "  "
                     << text_of(applied[i], "kind") << "  " << text_of(changes[i]["members"], "title") << '\n';
    if (applied.empty())
        terminal.out << "nothing to make: person, scope, programme, criteria and statement are there\n";
    if (!applied.empty())
        terminal.out << "Nothing of it is approved: they are drafts, and you own them until you hand them over.\n";
    terminal.out << '\n' << counted(gaps.size(), "gap") << " (`annexa isms gaps`)";
    if (!gaps.empty()) terminal.out << ". Next: " << text_of(gaps[0], "sentence") << "\n  " << text_of(gaps[0], "next");
    terminal.out << '\n';
    return Exit::fine;
}

}  // namespace

void add_isms_init(Command& isms) {
    auto o = std::make_shared<InitOptions>();
    Command init = isms.add("init", "Make the first records: you as a person, and drafts that all else hangs on",
                            "Makes what is not there yet: you as a person, the scope, the programme, criteria of risk "
                            "assessment (an example to adapt)\nand the head of the Statement of Applicability. Run "
                            "again it makes nothing twice.\n\nExamples:\n  annexa isms init\n  annexa isms init "
                            "--name 'Ada Lovelace'",
                            [o](Client& c, const Terminal& t) { return command_init(*o, c, t); });
    init.option("--name", o->name, "What you are called in the records; without it the name of your account")
        .shown_as("TEXT");
    init.format(o->format);
}

}  // namespace annexa::cli
