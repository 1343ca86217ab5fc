// How the local check is printed: JSON for programs; for people the worst first, each with why and the next step.
#include "agent/local_check.hpp"
#include "evidence/canonical_json.hpp"
#include "terminal/output.hpp"

#include <algorithm>
#include <map>
#include <ostream>

namespace annexa::agent {

using namespace terminal;
namespace {

using policies::State;

constexpr std::size_t most_rows_shown = 8;

void append_member(std::string& out, std::string_view name, std::string_view value, bool first = false) {
    if (!first) out.push_back(',');
    evidence::append_json_string(out, name);
    out.push_back(':');
    evidence::append_json_string(out, value);
}

std::string result_json(const LocalResult& one) {
    std::string out = "{";
    append_member(out, "check", one.check->id, true);
    append_member(out, "title", one.check->title);
    append_member(out, "state", policies::name(one.result.state));
    if (one.result.state == State::waived)
        append_member(out, "state_without_waiver", policies::name(one.result.beneath));
    append_member(out, "severity", policies::severity_name(one.check->severity));
    out += ",\"controls\":[";
    for (std::size_t i = 0; i < one.check->controls.size(); ++i) {
        out += i == 0 ? "{" : ",{";
        append_member(out, "id", one.check->controls[i].id, true);
        append_member(out, "strength", policies::strength_name(one.check->controls[i].strength));
        out += "}";
    }
    out +=
        "],\"population\":" + (one.outcome.population ? std::to_string(*one.outcome.population) : std::string{"null"});
    out += ",\"violations\":{\"columns\":[";
    for (std::size_t i = 0; i < one.outcome.columns.size(); ++i) {
        if (i != 0) out.push_back(',');
        evidence::append_json_string(out, one.outcome.columns[i]);
    }
    out += "],\"rows\":[";
    for (std::size_t i = 0; i < one.outcome.rows.size(); ++i)
        out += (i == 0 ? "" : ",") + evidence::canonical_row(one.outcome.rows[i]);
    out += "]}";
    const auto optional = [&](std::string_view name, const std::string& value) {
        if (!value.empty()) return append_member(out, name, evidence::is_plain_text(value) ? value : printable(value));
        out += ",\"" + std::string{name} + "\":null";
    };
    optional("reason", one.outcome.reason);
    optional("detail", one.outcome.detail);
    optional("collected_at", one.outcome.newest ? evidence::to_string(*one.outcome.newest) : "");
    append_member(out, "pack", one.pack->name);
    return out + "}";
}

Colour colour_of(State state) {
    switch (state) {
        case State::fail:
        case State::overdue:
            return Colour::red;
        case State::error:
        case State::missing:
        case State::deleted:
        case State::stale:
            return Colour::yellow;
        case State::waived:
            return Colour::blue;
        case State::pass:
            return Colour::green;
        case State::not_applicable:
            return Colour::dim;
    }
    return Colour::none;
}

Colour colour_of(policies::Operation operation) {
    switch (operation) {
        case policies::Operation::not_effective:
            return Colour::red;
        case policies::Operation::partly_effective:
        case policies::Operation::no_evidence:
            return Colour::yellow;
        case policies::Operation::effective:
            return Colour::green;
        default:
            return Colour::dim;
    }
}

std::string controls_text(const policies::Check& check) {
    std::string out;
    for (const policies::ControlLink& link : check.controls)
        out += (out.empty() ? "" : ", ") + link.id + (link.strength == policies::Strength::partial ? " (partial)" : "");
    return out;
}

/// "root: found yes, wanted no  /etc/ssh/sshd_config:3"
std::string finding_text(const policies::Outcome& outcome, const evidence::Row& row, const Paint& paint) {
    std::string key;
    std::string rest;
    std::string source;
    for (std::size_t i = 0; i < row.size() && i < outcome.columns.size(); ++i) {
        const std::string text =
            std::holds_alternative<std::monostate>(row[i]) ? "unknown" : printable(cell_text(row[i]));
        if (i < outcome.key_columns)
            key += (key.empty() || text.empty() ? "" : ", ") + text;
        else if (outcome.columns[i] == "source")
            source = std::holds_alternative<std::monostate>(row[i]) ? "" : text;
        else
            rest += (rest.empty() ? "" : ", ") + outcome.columns[i] + " " + text;
    }
    return key + (key.empty() || rest.empty() ? "" : ": ") + rest +
           (source.empty() ? "" : "  " + paint(Colour::bold, source));
}

void print_result(std::ostream& out, const LocalResult& one, const Paint& paint) {
    const std::string word{policies::name(one.result.state)};
    out << paint(colour_of(one.result.state), word) << std::string(word.size() < 9 ? 9 - word.size() : 1, ' ')
        << paint(Colour::bold, one.check->id) << "  " << one.check->title << "  "
        << paint(Colour::dim,
                 std::string{policies::severity_name(one.check->severity)} + ", " + controls_text(*one.check))
        << '\n';
    const std::string indent(9, ' ');
    for (std::size_t i = 0; i < std::min(one.outcome.rows.size(), most_rows_shown); ++i)
        out << indent << finding_text(one.outcome, one.outcome.rows[i], paint) << '\n';
    if (one.outcome.rows.size() > most_rows_shown)
        out << indent << "and " << one.outcome.rows.size() - most_rows_shown << " more (--format json shows all)\n";
    if (policies::is_unknown(one.result.state)) {
        out << wrapped(one.outcome.reason + (one.outcome.detail.empty() ? "" : ": " + printable(one.outcome.detail)),
                       indent);
        return;
    }
    if (one.result.state == State::waived) {
        out << indent << "accepted in the configuration; without that it is " << policies::name(one.result.beneath)
            << '\n';
        return;
    }
    out << wrapped("why: " + one.rationale, indent) << wrapped("fix: " + one.remediation, indent);
}

void print_list(std::ostream& out, const LocalCheck& check, State state, const Paint& paint) {
    std::string text;
    std::size_t count = 0;
    for (const LocalResult& one : check.results) {
        if (one.result.state != state) continue;
        ++count;
        text += (text.empty() ? "" : ", ") + one.check->id;
        if (state == State::not_applicable)
            text += " (" + printable(one.outcome.detail.empty() ? one.outcome.reason : one.outcome.detail) + ")";
    }
    if (count == 0) return;
    const char* words = state == State::pass ? " pass: " : count == 1 ? " does not apply: " : " do not apply: ";
    const std::string lines = wrapped(std::to_string(count) + words + text, "");
    const std::size_t colon = lines.find(':');
    out << paint(colour_of(state), lines.substr(0, colon)) << lines.substr(colon);
}

/// Whether a check that was made stands for the control.
bool asked_for(const LocalCheck& check, const policies::Control& control) {
    return check.complete || std::any_of(check.results.begin(), check.results.end(),
                                         [&](const LocalResult& one) { return one.check->control(control.id) != nullptr; });
}

void print_controls(std::ostream& out, const LocalCheck& check, const Paint& paint) {
    using policies::Operation;
    constexpr Operation order[] = {Operation::not_effective, Operation::no_evidence, Operation::partly_effective,
                                   Operation::effective, Operation::not_applicable, Operation::not_monitored};
    out << paint(Colour::bold, "Controls of Annex A, as far as this host can tell") << '\n';
    std::size_t shown = 0;
    for (const Operation operation : order)
        for (const LocalOperation& one : check.controls) {
            if (one.operation != operation || !asked_for(check, *one.control)) continue;
            if (operation == Operation::not_monitored && check.complete) continue;
            ++shown;
            const std::string word{policies::name(operation)};
            out << "  " << one.control->id
                << std::string(one.control->id.size() < 8 ? 8 - one.control->id.size() : 1, ' ')
                << paint(colour_of(operation), word) << std::string(word.size() < 18 ? 18 - word.size() : 1, ' ')
                << one.control->title << '\n';
        }
    const std::size_t others = check.controls.size() - shown;
    if (check.complete)
        out << "  " << others << " controls have no direct check. There is no history here: a fail counts as overdue.\n";
    else
        out << wrapped("What was not asked for counts as not checked here, and the other " + std::to_string(others) +
                           " controls are left out (--format json has all). There is no history here: a fail counts as overdue.", "  ");
}

}  // namespace

void print_check_json(std::ostream& out, const LocalCheck& check) {
    std::string head = "{";
    append_member(head, "host", check.host, true);
    append_member(head, "at", evidence::to_string(check.at));
    head += ",\"packs\":[";
    for (std::size_t i = 0; i < check.packs.size(); ++i) {
        head += i == 0 ? "{" : ",{";
        append_member(head, "pack", check.packs[i]->name, true);
        append_member(head, "version", check.packs[i]->version);
        append_member(head, "sha256", check.packs[i]->digest.hex());
        head += "}";
    }
    out << head << "],\"results\":[";
    for (std::size_t i = 0; i < check.results.size(); ++i)
        out << (i == 0 ? "\n" : ",\n") << result_json(check.results[i]);
    out << "\n],\"controls\":[";
    for (std::size_t i = 0; i < check.controls.size(); ++i) {
        std::string line = i == 0 ? "\n{" : ",\n{";
        append_member(line, "id", check.controls[i].control->id, true);
        append_member(line, "title", check.controls[i].control->title);
        append_member(line, "operation", policies::name(check.controls[i].operation));
        out << line << "}";
    }
    out << "\n]}\n";
}

void print_check_text(std::ostream& out, const LocalCheck& check, const Paint& paint) {
    out << paint(Colour::bold, printable(check.host)) << "  " << check.results.size() << " checks of ";
    for (std::size_t i = 0; i < check.packs.size(); ++i)
        out << (i == 0 ? "" : ", ") << check.packs[i]->name << ' ' << check.packs[i]->version;
    out << "  " << evidence::to_string(check.at) << "\n\n";

    std::map<State, std::size_t> counts;
    std::size_t unknown = 0;
    for (const LocalResult& one : check.results) {
        ++counts[one.result.state];
        if (policies::is_unknown(one.result.state)) ++unknown;
        if (one.result.state == State::pass || one.result.state == State::not_applicable) continue;
        print_result(out, one, paint);
        out << '\n';
    }
    print_list(out, check, State::not_applicable, paint);
    print_list(out, check, State::pass, paint);
    out << '\n';
    print_controls(out, check, paint);
    out << '\n';
    if (check.daily_since)
        out << wrapped("What takes reading every file is from " + evidence::to_string(*check.daily_since) +
                           ", as it is collected once a day; --fresh collects it now.",
                       "");
    if (!check.needing_root.empty()) {
        std::string names;
        for (const std::string& name : check.needing_root) names += (names.empty() ? "" : ", ") + name;
        out << wrapped("Without root " + std::to_string(check.needing_root.size()) + " could not be checked: " + names +
                           ". Run it as root for these.",
                       "");
    }
    out << counts[State::fail] + counts[State::overdue] << " fail, " << unknown << " could not be checked, "
        << counts[State::waived] << " waived, " << counts[State::not_applicable] << " not applicable, "
        << counts[State::pass] << " pass\n";
}

}  // namespace annexa::agent
