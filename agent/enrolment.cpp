#include "agent/enrolment.hpp"

#include "agent/chain_state.hpp"
#include "agent/files.hpp"
#include "agent/tls_identity.hpp"
#include "evidence/enrolment.hpp"
#include "evidence/problem.hpp"

namespace annexa::agent {
namespace {

using evidence::error;

evidence::EnrolmentAnswer ask(Transport& transport, const evidence::Token& token,
                              const evidence::EnrolmentRequest& request, const Keys& keys) {
    const StoreAnswer answer =
        transport.send({"POST", "/agent/v1/enroll", evidence::entry(evidence::seal(request, keys.evidence)),
                        "application/json", token.bearer(), false});
    if (answer.status == 200) {
        try {
            return evidence::parse_enrolment_answer(answer.body);
        } catch (const error& problem) {
            throw error(std::string{"the store's answer is no enrolment: "} + problem.what());
        }
    }
    const auto problem = evidence::parse_problem(answer.body);
    if (!problem) throw error("the store answers with HTTP status " + std::to_string(answer.status) + " and no reason");
    throw error("the store refuses (" + problem->code +
                "): " + (problem->detail.empty() ? problem->title : problem->detail));
}

}  // namespace

EnrolmentResult enrol(const StateFolder& folder, const evidence::Token& token, const std::string& host_name,
                      const std::optional<evidence::Digest>& machine, const MakeTransport& transport,
                      const evidence::Clock& clock) {
    bool was_cloned = false;
    if (auto existing = load_enrolment(folder.path())) {
        if (!is_cloned(*existing, machine)) {
            load_identity(folder.path());  // throws where a part of it is gone
            return {std::move(*existing), true, false};
        }
        was_cloned = true;
        forget_identity(folder.path());
    }
    if (token.role != "agent")
        throw error("the token is for the role " + token.role +
                    "; make one with `annexa-server token create --role agent`");

    const Keys keys = load_or_make_keys(folder.path());
    const evidence::EnrolmentRequest request{make_certificate_request(keys.tls_pem),
                                             host_name,
                                             keys.evidence.public_key(),
                                             machine,
                                             clock.now(),
                                             token.origin(),
                                             token.hash()};
    const std::unique_ptr<Transport> store = transport({token.url, ca_as_pem(token.ca), {}, {}, "annexa-agent"});
    const evidence::EnrolmentAnswer answer = ask(*store, token, request, keys);
    const evidence::VerifiedEnrolment verified = evidence::verify_enrolment(answer, token, request);
    if (verified.record.tls_key_id != tls_key_id(keys.tls_pem))
        throw error("the enrolment record names another TLS key");
    verify_certificate(answer.certificate, token.ca, keys.tls_pem, answer.host, clock.now());

    // What is left of an earlier enrolment belongs to another chain.
    for (const char* name : {"spool.db", "spool.db-journal", "spool.db.corrupt", "alarm.json", "chain-1", "chain-2"})
        remove_file(folder.file(name));
    write_file(folder.file("certificate.pem"), answer.certificate);
    ChainState chain;
    chain.last = {0, verified.digest};
    chain.checkpoint = answer.checkpoint;
    save_chain_state(folder.path(), chain);
    EnrolmentResult result{{token.url, token.ca, token.log, answer.host, host_name, verified.digest, machine,
                            answer.record_key, answer.recovery_key},
                           false,
                           was_cloned};
    save_enrolment(folder.path(), result.enrolment);
    return result;
}

}  // namespace annexa::agent
