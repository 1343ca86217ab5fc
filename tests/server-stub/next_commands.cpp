#include "tests/server-stub/next_commands.hpp"

#include "cli/command_line.hpp"
#include "cli/isms/assignments.hpp"
#include "cli/isms/kinds.hpp"
#include "evidence/errors.hpp"
#include "server-stub/api/isms.hpp"
#include "tests/server-stub/isms_server.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace annexa::store::test {
namespace {

using nlohmann::json;

/// As a shell parts it: at blanks, what is in single quotes in one piece.
std::vector<std::string> words_of(const std::string& command) {
    std::vector<std::string> words;
    std::string word;
    bool quoted = false;
    bool inside = false;
    for (const char c : command) {
        if (c == '\'') {
            quoted = !quoted;
            inside = true;
        } else if (c == ' ' && !quoted) {
            if (inside) words.push_back(word);
            word.clear();
            inside = false;
        } else {
            word += c;
            inside = true;
        }
    }
    if (inside) words.push_back(word);
    return words;
}

bool parses(const std::vector<std::string>& words) {
    cli::CommandLine line{"annexa", "", "", ""};
    cli::add_commands(line.root());
    std::vector<const char*> arguments;
    for (const std::string& word : words) arguments.push_back(word.c_str());
    int code = 0;
    return static_cast<bool>(line.parse(static_cast<int>(arguments.size()), arguments.data(), code));
}

const cli::Kinds& known_kinds() {
    static const cli::Kinds kinds{kinds_json()};
    return kinds;
}

/// What assignments say of these fields, and whether what is required is among them.
std::string problem_of_members(std::span<const std::string> assignments, std::span<const cli::Field> fields,
                               std::span<const isms::Field> rules, bool all_required) {
    json members = json::object();
    std::string names;
    for (const std::string& assignment : assignments) {
        names += " " + assignment.substr(0, assignment.find('=')) + "=";
        try {
            cli::assign(members, fields, std::vector{assignment});
        } catch (const evidence::error& problem) {
            // What stands open is asked for; everything else does not work.
            if (std::string_view{problem.what()}.find("in place of") == std::string_view::npos) return problem.what();
        }
    }
    std::vector<isms::Problem> problems;
    isms::check_fields(members, rules, "", "", problems);
    for (const isms::Problem& problem : problems)
        if (!problem.message.starts_with("is missing")) return problem.path + " " + problem.message;
    for (const cli::Field& field : fields)
        if (all_required && field.required && !field.computed &&
            names.find(" " + field.name + "=") == std::string::npos)
            return "does not say " + field.name + ", which is required";
    return {};
}

const cli::Kind* kind_of(const std::string& target, const isms::Register& records) {
    if (!cli::is_record_id(target)) return known_kinds().find(target);
    const isms::Record* record = records.find(target);
    return record == nullptr ? nullptr : known_kinds().find(record->kind);
}

}  // namespace

std::string problem_of_command(const std::string& next, const isms::Register& records) {
    const std::vector<std::string> words = words_of(next);
    if (words.empty() || words[0] != "annexa") return "is no command";
    if (!parses(words)) return "does not parse";
    if (words.size() < 4 || words[1] != "isms") return {};
    const cli::Kind* kind = kind_of(words[3], records);
    if (kind == nullptr) return "names " + words[3] + ", which is neither a record nor a kind";
    if (words[2] == "approve") return kind->approvable ? "" : "approves what is not approved";
    const isms::Kind& rules = *isms::find_kind(kind->name);
    if (words[2] == "set")
        return problem_of_members(std::span{words}.subspan(4), kind->fields, isms::all_fields(rules),
                                  !cli::is_record_id(words[3]));
    if (words[2] != "act") return {};
    const cli::Action* action = words.size() < 5 ? nullptr : cli::find_action(*kind, words[4]);
    if (action == nullptr) return "names no action of a " + kind->name;
    const auto input = std::find_if(rules.actions.begin(), rules.actions.end(),
                                    [&](const isms::Action& each) { return each.name == action->name; });
    return problem_of_members(std::span{words}.subspan(5), action->input, input->input, true);
}

std::vector<isms::Gap> gaps_with_commands(const isms::Register& records, const isms::Facts& facts) {
    std::vector<isms::Gap> gaps = isms::gaps(records, facts);
    for (const isms::Gap& gap : gaps)
        if (const std::string problem = problem_of_command(gap.next, records); !problem.empty())
            FAIL_CHECK(gap.sentence << " Next: " << gap.next << " " << problem);
    return gaps;
}

TEST_CASE("a command that would not work is told from one that does") {
    const isms::Register none;
    CHECK(problem_of_command("annexa isms set unit title=…", none).empty());
    CHECK(
        problem_of_command("annexa isms set applicability title='Two words' control=A.5.1 applicable=…", none).empty());
    for (const char* wrong : {"see the manual", "annexa isms sett unit title=…", "annexa isms set dragon title=…",
                              "annexa isms set unit titel=…", "annexa isms set unit", "annexa isms set asset title=…",
                              "annexa isms set R-0042 title=…", "annexa isms approve unit",
                              "annexa isms act R-0042 close", "annexa isms set unit title=… likelihood=3",
                              "annexa isms set unit title=… links=soon", "annexa isms set asset title=… type=dragon"}) {
        INFO(wrong);
        CHECK_FALSE(problem_of_command(wrong, none).empty());
    }
}

TEST_CASE("what bare records of each kind lack is told by commands that work") {
    IsmsServer site;
    const auto put = [&](const char* kind, json members) {
        members["title"] = std::string{kind} + " " + std::to_string(site.records().highest());
        return site.put(site.ada, kind, members, std::string_view{kind} == "audit" ? "auditor" : "approver").id;
    };
    const std::string person = put("person", json::object());
    for (const char* kind : {"unit", "role", "process", "scope", "party", "supplier", "programme", "objective", "risk",
                             "action", "statement", "plan", "audit"})
        put(kind, json::object());
    put("role", {{"holder", person}});
    put("document", {{"type", "information_security_policy"}});
    put("issue", {{"side", "internal"}, {"topic", "people"}, {"relevant", true}});
    put("applicability", {{"control", "A.5.1"}});
    put("applicability",
        {{"control", "A.5.2"}, {"applicable", true}, {"ground", {"risk"}}, {"implementation", "partly"}});
    put("evidence", {{"form", "text"}, {"text", "seen"}, {"requirements", {"A.5.1"}}});
    const std::string wrong = put(
        "nonconformity", {{"source", "observation"}, {"requirements", {"9.1"}}, {"facts", "f"}, {"grade", "minor"}});
    CHECK(has_gap(gaps_with_commands(site.records(), site.live(site.ada)), wrong, "is not corrected"));
    site.set(site.ada, wrong, {{"owner", person}});
    site.act(site.ada, wrong, "correct", {{"correction", "c"}, {"done_on", "2026-11-01"}, {"consequences", "none"}});
    CHECK(has_gap(gaps_with_commands(site.records(), site.live(site.ada)), wrong, "has no cause"));
    site.act(site.ada, wrong, "cause", {{"cause", "c"}, {"method", "five_whys"}, {"similar_cases", "none"}});
    site.act(site.ada, wrong, "plan",
             {{"no_action", "none needed"}, {"effectiveness_criterion", "c"}, {"effectiveness_due", "2027-03-01"}});
    CHECK(has_gap(gaps_with_commands(site.records(), site.live(site.ada)), wrong, "is not closed"));
}

}  // namespace annexa::store::test
