#include "agent/shipper.hpp"

#include "agent/files.hpp"
#include "agent/tls_identity.hpp"
#include "evidence/canonical_json.hpp"
#include "evidence/checkpoint.hpp"
#include "evidence/enrolment.hpp"
#include "evidence/merkle_tree.hpp"
#include "evidence/problem.hpp"

#include <algorithm>
#include <array>

namespace annexa::agent {
namespace {

using evidence::ChainHead;
using std::chrono::hours;

constexpr int most_steps = 64;  // of one attempt: each leads on, but a store that answers in circles must not hold us
constexpr std::size_t largest_alarm_note = 2048;

// The kinds of refusal, by code (docs/evidence-format.md).
constexpr std::array<std::string_view, 6> definite{"schema",        "wrong_type", "too_large",
                                                   "bad_signature", "bad_json",   "table_refused"};
constexpr std::array<std::string_view, 6> final_ones{"unknown_key", "foreign_host", "retired",
                                                     "revoked",     "two_machines", "other_origin"};
constexpr std::array<std::string_view, 5> of_a_table{"schema", "too_large", "bad_json", "table_refused",
                                                     "digest_mismatch"};

bool among(std::span<const std::string_view> codes, std::string_view code) {
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

evidence::Statement read(const SealedStatement& statement) {
    return evidence::parse_statement(statement.envelope.payload);
}

}  // namespace

Shipper::Shipper(std::filesystem::path folder, Identity& identity, Spool& spool, Transport& transport,
                 const evidence::Clock& clock, const Log& log)
    : folder_{std::move(folder)},
      identity_{identity},
      spool_{spool},
      transport_{transport},
      clock_{clock},
      log_{log},
      chain_{load_chain_state(folder_)} {
    // A statement is in the spool before the chain files name it.
    const auto newest = spool_.newest_statement();
    if (newest && newest->sequence > chain_.last.sequence) {
        chain_.last = {newest->sequence, newest->envelope.digest()};
        save();
    }
}

std::string_view Shipper::agent_version() const { return ANNEXA_VERSION; }

evidence::TreeHead Shipper::known() const {
    return evidence::open_checkpoint(chain_.checkpoint, identity_.enrolment.log).head;
}

ShipResult Shipper::ship(const MachineNow& machine) {
    try {
        return attempt(machine);
    } catch (const transport_error& problem) {
        return Later{"store_unreachable", problem.what(), std::nullopt};
    }
}

ShipResult Shipper::attempt(const MachineNow& machine) {
    renewed_ = false;
    if (unsaved_) save();
    const CertificateLife life = certificate_life(identity_.certificate_pem);
    if (clock_.now() > life.until - (life.until - life.from) / 3)
        if (const Step failed = renew(); failed && clock_.now() >= life.until) return *failed;

    for (int step = 0; step < most_steps; ++step) {
        std::vector<SealedStatement> pending = spool_.pending();
        const bool alarm_unsaid = chain_.alarm && pending.size() < evidence::most_statements_in_upload &&
                                  !pending.empty() && !read(pending.back()).alarm;
        if (pending.empty() || alarm_unsaid) {
            if (!seal_next(machine) && pending.empty()) return Delivered{};
            pending = spool_.pending();
        }
        if (const Step ended = upload_tables()) return *ended;
        if (spool_.pending().size() != pending.size()) continue;  // a table was refused
        if (const Step ended = post(pending)) return *ended;
    }
    return Later{"store_answer_unknown", "the store's answers lead in circles", std::nullopt};
}

/// False where nothing waits to be said.
bool Shipper::seal_next(const MachineNow& machine) {
    AssemblyInput input;
    input.waiting = spool_.waiting();
    input.dropped = spool_.dropped();
    input.due = spool_.due();
    const bool alarm_unsaid = chain_.alarm && !spool_.pending().empty();
    if (input.waiting.empty() && input.dropped.empty() && input.due.empty() && !alarm_unsaid &&
        caution_ != Caution::empty)
        return false;
    const Enrolment& enrolment = identity_.enrolment;
    input.host = {enrolment.host_id, enrolment.host_name, enrolment.digest};
    input.agent = {std::string{agent_version()}, identity_.keys.evidence.public_key().id()};
    input.last = chain_.last;
    input.log = {enrolment.origin(), known()};
    input.now = clock_.now();
    input.boot_id = machine.boot_id;
    input.clock_synchronized = machine.clock_synchronized;
    input.machine = machine.fingerprint;
    input.written = spool_.written_out();
    input.rollback = chain_.rollback;
    input.alarm = chain_.alarm;
    input.tags = machine.tags;
    AssemblyRule rule;
    rule.may_refer = caution_ == Caution::none;
    if (caution_ == Caution::one_result) rule.most_results = 1;
    if (caution_ == Caution::empty) rule.most_results = 0;
    const Assembled next = assemble(input, rule);
    if (caution_ == Caution::one_result)
        suspect_ = next.results.empty() ? std::nullopt : std::optional{next.results.front()};

    const evidence::Envelope envelope = evidence::seal(next.payload, identity_.keys.evidence);
    spool_.seal(next.statement.sequence, envelope, next.results);
    chain_.last = {next.statement.sequence, envelope.digest()};
    save();  // and only now may a byte of it be sent
    log_.debug("statement " + std::to_string(next.statement.sequence) + " holds " +
               std::to_string(next.results.size()) + " results");
    return true;
}

Shipper::Step Shipper::upload_tables() {
    for (const TableUpload& table : spool_.tables_to_upload()) {
        const StoreAnswer answer = transport_.send({"PUT",
                                                    "/agent/v1/tables/" + table.digest.hex() + "?name=" + table.name,
                                                    table.frame,
                                                    "application/zstd",
                                                    {},
                                                    true});
        if (answer.status == 200 || answer.status == 201) {
            spool_.mark_held(table.digest);
            continue;
        }
        const auto problem = evidence::parse_problem(answer.body);
        if (problem && among(of_a_table, problem->code)) {
            log_.error("the store refuses the table " + table.name + " (" + problem->code + "): " + problem->detail);
            rewind_to(spool_.pending().front().sequence);
            spool_.drop_table(table.digest, "refused");
            return std::nullopt;
        }
        if (const Step ended = take_problem(answer, nullptr)) return ended;
        return std::nullopt;  // the certificate was renewed: again from the top
    }
    return std::nullopt;
}

Shipper::Step Shipper::post(const std::vector<SealedStatement>& pending) {
    if (!spool_.tables_to_upload().empty()) return std::nullopt;
    std::vector<evidence::Envelope> envelopes;
    for (const SealedStatement& statement : pending) envelopes.push_back(statement.envelope);
    const StoreAnswer answer = transport_.send(
        {"POST", "/agent/v1/statements", evidence::encode_upload(envelopes), "application/json", {}, true});
    if (answer.status != 200) return take_problem(answer, &pending.front());
    evidence::Receipt receipt;
    try {
        receipt = evidence::parse_receipt(answer.body);
    } catch (const evidence::error& problem) {
        return Later{"store_answer_unknown", std::string{"the store's answer is no receipt: "} + problem.what(),
                     std::nullopt};
    }
    return take_receipt(pending, receipt);
}

Shipper::Step Shipper::take_receipt(const std::vector<SealedStatement>& pending, const evidence::Receipt& receipt) {
    if (const Step ended = judge_log(pending, receipt)) return ended;
    for (std::size_t i = 0; i < pending.size(); ++i) {
        if (const auto* refused = std::get_if<evidence::Refused>(&receipt.statements[i]))
            return take_refusal(pending[i], *refused);
        accept(pending[i]);
    }
    return std::nullopt;
}

/// Nothing counts as delivered before this returns nothing.
Shipper::Step Shipper::judge_log(const std::vector<SealedStatement>& pending, const evidence::Receipt& receipt) {
    std::vector<evidence::Digest> leaves;
    for (const SealedStatement& statement : pending)
        leaves.push_back(evidence::leaf_hash(evidence::entry(statement.envelope)));
    const evidence::TreeHead named = read(pending.front()).log.head;  // what the store proves growth from
    const evidence::TreeHead newest = known();
    evidence::LogJudgement judgement = evidence::verify_receipt(receipt, identity_.enrolment.log, named, leaves);
    const bool accepts = std::any_of(receipt.statements.begin(), receipt.statements.end(),
                                     [](const auto& one) { return std::holds_alternative<evidence::Accepted>(one); });
    if (judgement.verdict == evidence::LogVerdict::ok && accepts && newest != named) {
        // A tree beyond the one that the statement names is known already (the agent ended between two steps).
        if (judgement.checkpoint.head.size < newest.size) judgement.verdict = evidence::LogVerdict::behind;
        if (judgement.checkpoint.head.size == newest.size && judgement.checkpoint.head != newest)
            judgement.verdict = evidence::LogVerdict::forked;
    }
    switch (judgement.verdict) {
        case evidence::LogVerdict::ok:
            // Moved only where the proof leads from the newest tree that is known: a receipt that accepts nothing may
            // prove nothing (its judgement then shows the tree that was known), and one from an older tree proves too
            // little.
            if (newest == named && judgement.checkpoint.head.size > named.size) chain_.checkpoint = receipt.checkpoint;
            chain_.behind_since.reset();
            save();
            return std::nullopt;
        case evidence::LogVerdict::behind:
            if (!chain_.behind_since) {
                chain_.behind_since = clock_.now();
                save();
            }
            if (clock_.now() - *chain_.behind_since < hours{1})
                return Later{"log_behind", judgement.detail, std::nullopt};
            raise_alarm("log_rolled_back", receipt.checkpoint, judgement.detail);
            return Later{"log_rolled_back", judgement.detail, std::nullopt};
        case evidence::LogVerdict::forked:
            raise_alarm("log_forked", receipt.checkpoint, judgement.detail);
            return Later{"log_forked", judgement.detail, std::nullopt};
        case evidence::LogVerdict::bad_inclusion:
        case evidence::LogVerdict::bad_signature:
            raise_alarm("bad_receipt", receipt.checkpoint, judgement.detail);
            return Later{"bad_receipt", judgement.detail, std::nullopt};
        case evidence::LogVerdict::other_origin:
            return Stopped{"other_origin", judgement.detail};
        case evidence::LogVerdict::malformed:
            break;
    }
    return Later{"store_answer_unknown", judgement.detail, std::nullopt};
}

void Shipper::accept(const SealedStatement& statement) {
    const evidence::Statement said = read(statement);
    chain_.acknowledged = ChainHead{statement.sequence, statement.envelope.digest()};
    if (said.rollback) chain_.rollback.reset();
    save();
    spool_.acknowledge(statement.sequence);
    if (caution_ == Caution::empty && suspect_) {
        spool_.drop_result(*suspect_, "refused");  // without it the store took the statement
        log_.error("one result was given up, since the store refuses it");
        caution_ = Caution::one_result;
    } else {
        caution_ = Caution::none;
    }
    suspect_.reset();
}

Shipper::Step Shipper::take_refusal(const SealedStatement& statement, const evidence::Refused& refused) {
    const std::string words = refused.code + (refused.detail.empty() ? "" : ": " + refused.detail);
    if (refused.code == "chain_conflict") return take_conflict(statement, refused);
    if (refused.code == "tables_missing") {
        if (spool_.mark_missing(refused.tables)) return std::nullopt;
        rewind_to(statement.sequence);
        for (const evidence::Digest& table : refused.tables) spool_.drop_table(table, "refused");
        log_.error("the store lacks tables that are no longer here; the results that name them are given up");
        return std::nullopt;
    }
    if (among(definite, refused.code)) return refuse_definitely(statement.sequence, refused.code, refused.detail);
    if (among(final_ones, refused.code)) return Stopped{refused.code, refused.detail};
    if (refused.code == "certificate_expired") return renew();
    if (refused.code == "busy" || refused.code == "unavailable") return Later{"store_unavailable", words, std::nullopt};
    return Later{"store_answer_unknown", words, std::nullopt};
}

Shipper::Step Shipper::refuse_definitely(std::uint64_t sequence, const std::string& code, const std::string& detail) {
    log_.error("the store refuses statement " + std::to_string(sequence) + " (" + code + "): " + detail);
    rewind_to(sequence);
    switch (caution_) {
        case Caution::none:
            caution_ = Caution::spelled_out;
            return std::nullopt;
        case Caution::spelled_out:
            caution_ = Caution::one_result;
            return std::nullopt;
        case Caution::one_result:
            caution_ = Caution::empty;
            return std::nullopt;
        case Caution::empty:
            break;
    }
    // Not even a statement without results is taken: no result is the cause, so none is given up.
    caution_ = Caution::spelled_out;
    suspect_.reset();
    return Later{"refused", code + ": " + detail, std::chrono::duration_cast<std::chrono::seconds>(hours{1})};
}

Shipper::Step Shipper::take_conflict(const SealedStatement& statement, const evidence::Refused& refused) {
    if (!refused.head) return Later{"store_answer_unknown", "chain_conflict without the store's head", std::nullopt};
    switch (evidence::judge_conflict(*refused.head, identity_.enrolment.digest, identity_.keys.evidence.public_key(),
                                     chain_.acknowledged)) {
        case evidence::ConflictVerdict::go_on_behind:
            log_.warning("the store's head of this chain is statement " + std::to_string(refused.head->head.sequence) +
                         ", this state folder was at " + std::to_string(chain_.last.sequence) +
                         ": going on behind the store's head and saying so");
            chain_.rollback = evidence::Rollback{chain_.last.sequence, chain_.last.digest};
            for (const SealedStatement& one : spool_.pending())
                if (one.sequence >= statement.sequence) spool_.detach(one.sequence);
            chain_.last = refused.head->head;
            save();
            return std::nullopt;
        case evidence::ConflictVerdict::store_lost:
            return Later{"store_lost", "the store's head is statement " + std::to_string(refused.head->head.sequence),
                         hours{1}};
        case evidence::ConflictVerdict::forked:
            raise_alarm(
                "log_forked", chain_.checkpoint,
                "the store's chain of this host has another statement " + std::to_string(refused.head->head.sequence));
            return Later{"log_forked", "the store's chain of this host is another", std::nullopt};
        case evidence::ConflictVerdict::not_ours:
            break;
    }
    return Later{"not_our_chain", "statement " + std::to_string(refused.head->head.sequence), std::nullopt};
}

/// An answer that is no receipt. first: the first statement of the upload, nothing where it was a table.
Shipper::Step Shipper::take_problem(const StoreAnswer& answer, const SealedStatement* first) {
    const auto problem = evidence::parse_problem(answer.body);
    if (!problem)
        return Later{"store_answer_unknown", "HTTP status " + std::to_string(answer.status), answer.retry_after};
    const std::string words = problem->code + (problem->detail.empty() ? "" : ": " + problem->detail);
    if (problem->code == "certificate_expired") return renew();
    if (among(final_ones, problem->code)) return Stopped{problem->code, problem->detail};
    if (problem->code == "busy" || problem->code == "unavailable")
        return Later{"store_unavailable", words, answer.retry_after};
    if (first != nullptr && among(definite, problem->code))
        return refuse_definitely(first->sequence, problem->code, problem->detail);
    return Later{"store_answer_unknown", words, answer.retry_after};
}

/// What was signed from this sequence on will never be accepted: its results wait again, its sequence is used again.
void Shipper::rewind_to(std::uint64_t sequence) {
    for (const SealedStatement& statement : spool_.pending()) {
        if (statement.sequence < sequence) continue;
        if (statement.sequence == sequence) chain_.last = {sequence - 1, read(statement).previous};
        spool_.detach(statement.sequence);
    }
    save();
}

Shipper::Step Shipper::renew() {
    if (renewed_) return Later{"certificate_expired", "the renewed certificate is refused too", std::nullopt};
    renewed_ = true;
    const Enrolment& enrolment = identity_.enrolment;
    const evidence::RenewalRequest request{make_certificate_request(identity_.keys.tls_pem), enrolment.digest,
                                           clock_.now(), enrolment.origin()};
    const StoreAnswer answer = transport_.send({"POST",
                                                "/agent/v1/renew",
                                                evidence::entry(evidence::seal(request, identity_.keys.evidence)),
                                                "application/json",
                                                {},
                                                false});
    if (answer.status != 200) {
        const auto problem = evidence::parse_problem(answer.body);
        if (problem && among(final_ones, problem->code)) return Stopped{problem->code, problem->detail};
        return Later{"certificate_expired",
                     problem ? problem->code + ": " + problem->detail : "HTTP status " + std::to_string(answer.status),
                     answer.retry_after};
    }
    try {
        const std::string certificate = evidence::parse_renewal_answer(answer.body);
        verify_certificate(certificate, enrolment.ca, identity_.keys.tls_pem, enrolment.host_id, clock_.now());
        write_file(folder_ / "certificate.pem", certificate);
        identity_.certificate_pem = certificate;
        transport_.use_certificate(certificate);
        log_.info("the TLS certificate was renewed");
        return std::nullopt;
    } catch (const evidence::error& problem) {
        return Later{"certificate_expired", problem.what(), std::nullopt};
    }
}

/// Kept as proof, and said in every later statement. The first one stays: it is the proof.
void Shipper::raise_alarm(const std::string& code, const std::string& received, const std::string& detail) {
    log_.error("ALARM " + code + ": " + detail);
    if (chain_.alarm) return;
    std::string proof = "{\"code\":";
    const auto member = [&](const char* name, std::string_view value) {
        proof += std::string{",\""} + name + "\":";
        evidence::append_json_string(proof, value);
    };
    evidence::append_json_string(proof, code);
    member("at", evidence::to_string(clock_.now()));
    member("known", chain_.checkpoint);
    member("received", received);
    member("detail", detail);
    write_file(folder_ / "alarm.json", proof + "}\n");
    chain_.alarm = evidence::Alarm{code, clock_.now(), chain_.checkpoint, received.substr(0, largest_alarm_note),
                                   detail.substr(0, largest_alarm_note)};
    save();
}

}  // namespace annexa::agent
