// People who keep records, with the server around them that actions and rules see, and a host that reports to it.
#pragma once

#include "policies/schema.hpp"
#include "server-stub/api/isms.hpp"
#include "server-stub/configuration/configuration.hpp"
#include "server-stub/enrolment/certificate_authority.hpp"
#include "server-stub/enrolment/registrar.hpp"
#include "server-stub/enrolment/tokens.hpp"
#include "server-stub/evaluation/evaluation.hpp"
#include "server-stub/http/message.hpp"
#include "server-stub/isms/acting.hpp"
#include "server-stub/journal.hpp"
#include "server-stub/metrics/metrics.hpp"
#include "server-stub/people/sign_in_guard.hpp"
#include "server-stub/server/data_folder.hpp"
#include "server-stub/server/server.hpp"
#include "tests/server-stub/isms_site.hpp"

namespace annexa::store::test {

struct IsmsServer : IsmsSite {
    IsmsServer() {
        site.schemas = policies::built_in_schemas();
        site.start();
        store.set_setting("organization", "Example Ltd");
    }

    /// Facts as the API gives them to an account, but for who holds a right: `approvers`, `administer`.
    isms::Facts live(const std::string& account) {
        Request request;
        request.session = session(account, "approver");
        isms::Facts facts = isms_facts(server(), request);
        const isms::Facts told = this->facts();
        facts.may = told.may;
        facts.holders = told.holders;
        return facts;
    }
    isms::Applied put(const std::string& account, const std::string& kind, const nlohmann::json& members,
                      const std::string& role = "approver") {
        return change(account, added(kind, members), role);
    }
    /// Sets members of a record upon its last version; null takes one away.
    isms::Applied set(const std::string& account, const std::string& id, const nlohmann::json& members,
                      const std::string& role = "approver") {
        const isms::Register all = records();
        nlohmann::json after = *all.find(id)->members;
        after.merge_patch(members);
        return change(account, changed(id, all.find(id)->last().version, after), role);
    }
    void act(const std::string& account, const std::string& id, const std::string& action,
             const nlohmann::json& input = nlohmann::json::object(), const std::string& role = "approver") {
        site.clock.advance(std::chrono::minutes{1});
        const Session by = session(account, role);
        isms::act(server(), decider_of(by), live(account), id, action, input);
    }
    nlohmann::json members(const std::string& id) const { return *records().find(id)->members; }

    Server& server() {
        if (!parts_) parts_ = std::make_unique<Parts>(*this);
        return parts_->server;
    }

  private:
    struct Parts {
        explicit Parts(IsmsServer& of)
            : identity{std::string{origin},
                       "Example Ltd",
                       {"localhost"},
                       of.site.verifier(),
                       of.site.record_key.public_key(),
                       of.site.recovery_key.public_key(),
                       evidence::random_uuid()},
              authority{CertificateAuthority::create(origin, of.site.clock.now())},
              evaluation{of.store, of.blobs, of.site.clock, policies::built_in_schemas()},
              registrar{of.store, *of.site.log, authority, identity, of.site.record_key, of.site.clock},
              server{.configuration = configuration,
                     .identity = identity,
                     .clock = of.site.clock,
                     .record_key = of.site.record_key,
                     .reach = reach,
                     .journal = journal,
                     .store = of.store,
                     .blobs = of.blobs,
                     .log = *of.site.log,
                     .ingest = *of.site.ingest,
                     .evaluation = evaluation,
                     .authority = authority,
                     .registrar = registrar,
                     .metrics = metrics,
                     .guard = guard} {}

        Configuration configuration;
        Identity identity;
        Reach reach;
        Journal journal{Severity::error};
        Metrics metrics;
        CertificateAuthority authority;
        Evaluation evaluation;
        Registrar registrar;
        SignInGuard guard{std::string(32, 'k')};
        Server server;
    };

    [[nodiscard]] Decider decider_of(const Session& by) {
        return {store, blobs, *site.log, site.record_key, site.clock, by};
    }
    isms::Applied change(const std::string& account, isms::Change wanted, const std::string& role) {
        site.clock.advance(std::chrono::minutes{1});
        const Session by = session(account, role);
        return isms::apply(decider_of(by), live(account), {std::move(wanted)}, false).front();
    }

    std::unique_ptr<Parts> parts_;
};

/// A host that reports what its login.defs says of the age of passwords: the check password-age-default, A.5.17.
class ReportingHost {
  public:
    explicit ReportingHost(IsmsServer& server, std::string name = "web1")
        : host_{server.site, evidence::random_uuid(), std::move(name)} {}

    /// Returns the index of the statement in the log.
    std::uint64_t report(const std::string& days) {
        const PackedTable table = packed(
            "login_defs",
            evidence::canonical(
                {"login_defs",
                 {{"name", evidence::Type::text}, {"value", evidence::Type::text}, {"source", evidence::Type::text}},
                 {{"PASS_MAX_DAYS", days, "/etc/login.defs:165"}}},
                "00112233445566778899aabbccddeeff"));
        host_.put(table);
        const evidence::Receipt receipt = host_.deliver(host_.next({host_.result("login_defs", {table.ref()})}));
        return std::get<evidence::Accepted>(receipt.statements.at(0)).index;
    }
    [[nodiscard]] const std::string& id() const { return host_.id_; }
    /// An administrator says that it is no more.
    void retire() {
        Site& site = *host_.site_;
        evidence::RetirementRecord record;
        record.enrolment = host_.enrolment_;
        record.host_id = host_.id_;
        record.actor = {evidence::random_uuid(), evidence::random_uuid()};
        record.made_at = site.clock.now();
        site.log->append({{evidence::entry(evidence::seal(evidence::serialise(record), site.record_key)),
                           EnrolmentClosed{host_.enrolment_, EnrolmentState::retired, std::nullopt, record.made_at}}});
    }

  private:
    TestHost host_;
};

/// A sentence of a gap of this record (or any, where empty) that holds the words.
inline bool has_gap(const std::vector<isms::Gap>& gaps, const std::string& record, const std::string& words) {
    return std::any_of(gaps.begin(), gaps.end(), [&](const isms::Gap& gap) {
        return (record.empty() || gap.record == record) && gap.sentence.find(words) != std::string::npos;
    });
}

}  // namespace annexa::store::test
