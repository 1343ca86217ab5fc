#include "policies/cases.hpp"

#include "policies/case_file.hpp"
#include "policies/check_result.hpp"
#include "policies/evaluate.hpp"

#include <algorithm>

namespace annexa::policies {
namespace {

using evidence::Row;

constexpr std::string_view cases_folder = "cases/";

std::vector<std::string> canonical_rows(const std::vector<Row>& rows) {
    std::vector<std::string> texts;
    for (const Row& row : rows) texts.push_back(evidence::canonical_row(row));
    std::sort(texts.begin(), texts.end());
    return texts;
}

std::string joined(const std::vector<std::string>& texts) {
    std::string all;
    for (const std::string& text : texts) all += (all.empty() ? "" : " ") + text;
    return all.empty() ? "none" : all;
}

std::string state_text(const Outcome& outcome) {
    std::string text{name(outcome.state)};
    if (!outcome.reason.empty())
        text += " (" + outcome.reason + (outcome.detail.empty() ? "" : ": " + outcome.detail) + ")";
    if (outcome.state == State::fail) text += " with " + joined(canonical_rows(outcome.rows));
    return text;
}

/// A copy of the table with NULL in one column of every row.
std::shared_ptr<const evidence::Table> with_null(const evidence::Table& table, const std::string& column) {
    evidence::Table copy = table;
    const auto at =
        std::find_if(copy.columns.begin(), copy.columns.end(), [&](const auto& c) { return c.name == column; });
    if (at != copy.columns.end())
        for (Row& row : copy.rows) row.at(static_cast<std::size_t>(at - copy.columns.begin())) = std::monostate{};
    return std::make_shared<const evidence::Table>(std::move(copy));
}

std::shared_ptr<const evidence::Table> without_column(const evidence::Table& table, const std::string& column) {
    evidence::Table copy;
    copy.name = table.name;
    for (const evidence::ColumnType& one : table.columns)
        if (one.name != column) copy.columns.push_back(one);
    return std::make_shared<const evidence::Table>(std::move(copy));
}

/// Runs the cases of one check.
class CheckCases {
  public:
    CheckCases(const Check& check, const Schemas& schemas, EvaluationDatabase& database, const FixtureReader& fixtures,
               std::string file, CaseReport& report)
        : check_{check},
          schemas_{schemas},
          database_{database},
          fixtures_{fixtures},
          file_{std::move(file)},
          report_{report} {}

    void run(std::vector<Case> cases) {
        bool derived = false;
        bool expects_pass = false, expects_fail = false;
        for (Case& one : cases) {
            expects_pass = expects_pass || one.expect == State::pass;
            expects_fail = expects_fail || one.expect == State::fail;
            if (!one.fixture.empty() && !fixtures_) {
                ++report_.skipped;
                continue;
            }
            if (!bring(one)) continue;
            ++report_.cases;
            const Outcome outcome = evaluate_over(one.host, one.parameters);
            compare(one, outcome);
            if (one.expect == State::pass && outcome.state == State::pass) probe_null(one);
            const bool all_ok = std::all_of(one.host.collectors.begin(), one.host.collectors.end(),
                                            [](const auto& c) { return c.second.status == CollectorStatus::ok; });
            if (!derived && all_ok) derive(one);
            derived = derived || all_ok;
        }
        if (!expects_pass) fail({}, "", "expected a case that passes");
        if (!expects_fail) fail({}, "", "expected a case that fails");
    }

  private:
    void fail(Place place, const std::string& name, std::string what) {
        report_.failures.push_back({file_, place.line, place.column, check_.id, name, std::move(what)});
    }

    /// Fetches the evidence of a case with a fixture. False where there is none: that is a failure of the case.
    bool bring(Case& one) {
        if (one.fixture.empty()) return true;
        try {
            one.host = fixtures_(one.fixture, check_.collectors);
        } catch (const evidence::error& problem) {
            ++report_.cases;
            fail(one.place, one.name, "host " + one.fixture + ": " + problem.what());
            return false;
        }
        if (one.now)
            for (auto& [collector, evidence] : one.host.collectors) evidence.collected_at = *one.now;
        return true;
    }

    Outcome evaluate_over(const HostEvidence& host, const Parameters& parameters) {
        const Check* check = &check_;
        return evaluate(database_, std::span{&check, 1}, parameters, host).at(0);
    }

    void compare(const Case& one, const Outcome& outcome) {
        if (outcome.state != one.expect)
            return fail(one.place, one.name,
                        "expected " + std::string{name(one.expect)} + ", got " + state_text(outcome));
        if (one.reason && outcome.reason != *one.reason)
            fail(one.place, one.name, "expected the reason " + *one.reason + ", got " + state_text(outcome));
        if (one.population && outcome.population != one.population)
            fail(one.place, one.name,
                 "expected a population of " + std::to_string(*one.population) + ", got " +
                     std::to_string(outcome.population.value_or(0)));
        if (!one.violations) return;
        const auto expected = canonical_rows(*one.violations);
        const auto found = canonical_rows(outcome.rows);
        if (expected != found)
            fail(one.place, one.name, "expected the violations " + joined(expected) + ", got " + joined(found));
    }

    void probe_null(const Case& one) {
        for (const auto& [table, columns] : check_.reads) {
            const auto held = one.host.tables.find(table);
            if (held == one.host.tables.end() || held->second->rows.empty()) continue;
            for (const std::string& column : columns) {
                const std::string both = table + "." + column;
                if (!schemas_.find(table)->find(column)->nullable) continue;
                if (check_.null_may_pass.contains(both) || one.null_may_pass.contains(both)) continue;
                HostEvidence host = one.host;
                host.tables[table] = with_null(*held->second, column);
                ++report_.derived;
                if (evaluate_over(host, one.parameters).state == State::pass)
                    fail(one.place, one.name,
                         "still passes where " + both + " is NULL: unknown is no pass (or name it in `null_may_pass`)");
            }
        }
    }

    void expect_derived(const Case& one, const HostEvidence& host, State state, const std::string& where,
                        std::string_view reason = {}) {
        ++report_.derived;
        const Outcome outcome = evaluate_over(host, one.parameters);
        if (outcome.state != state || (!reason.empty() && outcome.reason != reason))
            fail(one.place, one.name,
                 where + ": expected " + std::string{name(state)} + ", got " + state_text(outcome));
    }

    void derive(const Case& one) {
        for (const std::string& collector : check_.collectors) {
            HostEvidence without = one.host;
            without.collectors.erase(collector);
            expect_derived(one, without, State::missing, "without a result of " + collector);
            HostEvidence failed = one.host;
            failed.collectors[collector].status = CollectorStatus::error;
            failed.collectors[collector].reason = "permission_denied";
            expect_derived(one, failed, State::error, "where " + collector + " fails", "permission_denied");
        }
        for (const auto& [table, columns] : check_.reads) {
            const auto held = one.host.tables.find(table);
            if (held == one.host.tables.end()) continue;
            for (const std::string& column : columns) {
                HostEvidence old = one.host;
                old.tables[table] = without_column(*held->second, column);
                expect_derived(one, old, State::missing, "without the column " + table + "." + column,
                               reasons::agent_too_old);
            }
        }
        ++report_.derived;
        const Outcome outcome = evaluate_over(one.host, one.parameters);
        if (!outcome.oldest) return fail(one.place, one.name, "has no time: nothing was collected");
        const evidence::Instant later = *outcome.oldest + check_.max_age + std::chrono::seconds{1};
        const State state = result_at(check_, outcome, {}, {}, {}, later).state;
        const State expected = outcome.state == State::error ? State::error : State::stale;
        if (state != expected)
            fail(one.place, one.name, "after max_age: expected stale, got " + std::string{name(state)});
    }

    const Check& check_;
    const Schemas& schemas_;
    EvaluationDatabase& database_;
    const FixtureReader& fixtures_;
    std::string file_;
    CaseReport& report_;
};

void add_problems(CaseReport& report, const std::vector<PackError>& errors, const std::string& check) {
    for (const PackError& error : errors)
        report.failures.push_back({error.file, error.line, error.column, check, "", error.what});
}

}  // namespace

std::string CaseFailure::text() const {
    return file + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " + (name.empty() ? "" : name + ": ") +
           what;
}

CaseReport run_cases(const Pack& pack, const FileTree& files, const Schemas& schemas, const FixtureReader& fixtures) {
    CaseReport report;
    EvaluationDatabase database{schemas, TableForm::evidence};
    for (const Check& check : pack.checks) {
        ++report.checks;
        const std::string path = std::string{cases_folder} + check.id + ".yaml";
        const auto file = files.find(path);
        if (file == files.end()) {
            report.failures.push_back(
                {"checks/" + check.id + ".yaml", 1, 1, check.id, "", "expected its cases in " + path});
            continue;
        }
        std::vector<PackError> errors;
        Problems problems{errors, path};
        std::vector<Case> cases;
        try {
            cases = read_cases(parse_yaml(file->second), check, pack, schemas, problems);
        } catch (const yaml_error& problem) {
            problems.add(problem.place(), problem.bare());
        }
        add_problems(report, errors, check.id);
        CheckCases{check, schemas, database, fixtures, path, report}.run(std::move(cases));
    }
    for (const auto& [path, text] : files) {
        if (!path.starts_with(cases_folder) || !path.ends_with(".yaml")) continue;
        const std::string id = path.substr(cases_folder.size(), path.size() - cases_folder.size() - 5);
        if (pack.find(id) == nullptr) report.failures.push_back({path, 1, 1, id, "", "there is no check " + id});
    }
    return report;
}

}  // namespace annexa::policies
