// One host and its store, fed by hand and evaluated by the real Evaluation over the shipped pack.
#pragma once

#include "evidence/envelope.hpp"
#include "evidence/record.hpp"
#include "policies/schema.hpp"
#include "server-stub/evaluation/decisions.hpp"
#include "server-stub/evaluation/evaluation.hpp"
#include "server-stub/storage/memory_blobs.hpp"
#include "server-stub/storage/memory_store.hpp"
#include "tests/server-stub/store_rows.hpp"
#include "tests/support/manual_clock.hpp"

#include <algorithm>
#include <stdexcept>

namespace annexa::store::test {

constexpr const char* web1 = "00000000-0000-4000-8000-000000000001";
inline const std::string check_id = "password-age-default";  // reads login_defs; A.5.17 partial; no time allowed

/// A store with one enrolled host, fed by hand; evaluated by the real Evaluation over the shipped pack.
class Machine {
  public:
    Machine() {
        append(store, at(0));
        append(store, at(1), {enrolled(enrolment_)});
    }

    /// The host reports, at(second), what its login.defs says; nothing: the collector failed.
    void report(int second, std::optional<std::string> days) {
        StoredResult collected = result("login_defs", at(second));
        if (days) {
            collected.tables = {hold_table(
                {"login_defs",
                 {{"name", evidence::Type::text}, {"value", evidence::Type::text}, {"source", evidence::Type::text}},
                 {{"PASS_MAX_DAYS", *days, "/etc/login.defs:165"}}})};
        } else {
            collected.status = evidence::Status::error;
            collected.reason = evidence::Reason::permission_denied;
        }
        send(second, {collected}, {});
    }

    void report_not_installed(int second) {
        StoredResult collected = result("login_defs", at(second));
        collected.status = evidence::Status::not_applicable;
        collected.reason = evidence::Reason::not_installed;
        send(second, {collected}, {});
    }

    void send(int second, std::vector<StoredResult> results, std::vector<std::string> due) {
        StatementAccepted accepted = statement(store, enrolment_.id, at(second - 1), std::move(results));
        for (StoredResult& one : accepted.row.results) one.at = one.collected_at;
        accepted.row.made_at = at(second);
        accepted.row.due = std::move(due);
        accepted.row.remarks = {};
        append(store, at(second + 1), {logged(std::move(accepted))});
    }

    TableRef hold_table(const evidence::Table& table) {
        const std::string bytes = evidence::canonical(table, "salt");
        const Digest digest = evidence::sha256(bytes);
        blobs.put(digest, bytes);
        store.hold({web1, digest, table.name, bytes.size(), at(2), std::nullopt});
        return {table.name, digest};
    }

    std::uint64_t adopt(int second, const std::string& parameters) {
        evidence::PolicyRecord record;
        record.pack = evaluation.rule_books().shipped()->digest;
        record.name = evaluation.rule_books().shipped()->name;
        record.version = evaluation.rule_books().shipped()->version;
        record.parameters = parameters;
        record.actor = {"account", "session"};
        record.made_at = at(second);
        const std::string bytes = evidence::entry(evidence::seal(evidence::serialise(record), key_));
        return append(store, at(second),
                      {{bytes, Decision{"adoption", record.name, "adopted", record.pack, "account", at(second), 0}}}) +
               1;
    }

    /// Somebody decided on a waiver of the check, for ever so long; who asked is "ada".
    void decide_waiver(int second, const std::string& decision, const std::string& by, int until,
                       bool single_person = false) {
        const std::string document =
            R"({"asked_at":")" + evidence::to_string(at(second)) + R"(","asked_by":"ada","check":")" + check_id +
            R"(","from":")" + evidence::to_string(at(second)) +
            R"(","hosts":[],"id":"w-1","key":null,"reason":"old","single_person":)" +
            (single_person ? "true" : "false") + R"(,"until":")" + evidence::to_string(at(until)) + "\"}";
        const Digest digest = evidence::sha256(document);
        blobs.put(digest, document);
        append(store, at(second),
               {{"waiver " + decision, Decision{"waiver", "w-1", decision, digest, by, at(second), 0}}});
    }

    StatusReport report_at(Instant when, std::optional<std::uint64_t> known_at = {}) {
        evaluation.catch_up();
        return status_report(store, blobs, evaluation.rule_books(), {when, known_at});
    }

    /// The check on the host as of then.
    CheckView view(Instant when, std::optional<std::uint64_t> known_at = {}) {
        const StatusReport report = report_at(when, known_at);
        if (report.hosts.size() != 1) throw std::runtime_error("not one host in scope");
        const auto& checks = report.hosts.front().checks;
        const auto found = std::find_if(checks.begin(), checks.end(),
                                        [](const CheckView& view) { return view.check->id == check_id; });
        if (found == checks.end()) throw std::runtime_error("no such check: " + check_id);
        CheckView view = *found;
        view.check = nullptr;  // of a rule book that is gone
        return view;
    }
    policies::State state(Instant when) { return view(when).result.state; }

    MemoryStore store;
    MemoryBlobs blobs;
    annexa::test::ManualClock clock;
    Evaluation evaluation{store, blobs, clock, policies::built_in_schemas()};

  private:
    Enrolment enrolment_ = enrolment(web1, "one");
    evidence::PrivateKey key_ = evidence::PrivateKey::generate();
};

}  // namespace annexa::store::test
