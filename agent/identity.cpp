#include "agent/identity.hpp"

#include "agent/files.hpp"
#include "agent/tls_identity.hpp"
#include "evidence/canonical_json.hpp"
#include "evidence/digest.hpp"
#include "evidence/encoding.hpp"
#include "evidence/errors.hpp"

#include <nlohmann/json.hpp>

namespace annexa::agent {

using nlohmann::json;

Keys load_or_make_keys(const std::filesystem::path& folder) {
    const auto kept = [&](const char* name, auto make) {
        if (auto bytes = read_file(folder / name)) return *bytes;
        std::string made = make();
        write_file(folder / name, made);
        return made;
    };
    const std::string evidence_pem = kept("evidence.pem", [] { return evidence::PrivateKey::generate().pem(); });
    std::string tls_pem = kept("tls.pem", make_tls_key);
    std::string salt = kept("salt", [] { return evidence::random_bytes(32); });
    if (salt.size() != 32) throw evidence::error("the salt in " + folder.string() + " is damaged");
    tls_key_id(tls_pem);  // throws where it is no key of ours
    return {evidence::PrivateKey::from_pem(evidence_pem), std::move(tls_pem), std::move(salt)};
}

void save_enrolment(const std::filesystem::path& folder, const Enrolment& enrolment) {
    const json value{{"url", enrolment.url},
                     {"ca", evidence::to_base64(enrolment.ca)},
                     {"log", enrolment.log.text()},
                     {"host", enrolment.host_id},
                     {"host_name", enrolment.host_name},
                     {"enrolment", enrolment.digest.hex()},
                     {"machine", enrolment.machine ? json(enrolment.machine->hex()) : json()},
                     {"record_key", enrolment.record_key.base64()},
                     {"recovery_key", enrolment.recovery_key.base64()}};
    write_file(folder / "enrolment.json", evidence::canonical_json(value) + "\n");
}

std::optional<Enrolment> load_enrolment(const std::filesystem::path& folder) {
    const auto bytes = read_file(folder / "enrolment.json");
    if (!bytes) return std::nullopt;
    try {
        const json value = evidence::parse_json(*bytes);
        const auto text = [&](const char* name) { return value.at(name).get<std::string>(); };
        Enrolment enrolment{text("url"),
                            evidence::from_base64(text("ca")),
                            evidence::VerifierKey::parse(text("log")),
                            text("host"),
                            text("host_name"),
                            evidence::Digest::from_hex(text("enrolment")),
                            std::nullopt,
                            evidence::PublicKey::from_base64(text("record_key")),
                            evidence::PublicKey::from_base64(text("recovery_key"))};
        if (!value.at("machine").is_null()) enrolment.machine = evidence::Digest::from_hex(text("machine"));
        return enrolment;
    } catch (const std::exception& problem) {
        throw evidence::error("the enrolment in " + (folder / "enrolment.json").string() + " is damaged (" +
                              problem.what() + "); run `annexa-agent forget --yes` and enrol this host anew");
    }
}

std::optional<Identity> load_identity(const std::filesystem::path& folder) {
    auto enrolment = load_enrolment(folder);
    if (!enrolment) return std::nullopt;
    const auto certificate = read_file(folder / "certificate.pem");
    for (const char* name : {"evidence.pem", "tls.pem", "salt", "certificate.pem"})
        if (!read_file(folder / name))
            throw evidence::error((folder / name).string() +
                                  " is missing; run `annexa-agent forget --yes` and enrol this host anew");
    return Identity{std::move(*enrolment), load_or_make_keys(folder), *certificate};
}

bool is_cloned(const Enrolment& enrolment, const std::optional<evidence::Digest>& machine) {
    return enrolment.machine && machine && *enrolment.machine != *machine;
}

void forget_identity(const std::filesystem::path& folder) {
    for (const char* name :
         {"enrolment.json", "evidence.pem", "tls.pem", "salt", "certificate.pem", "chain-1", "chain-2", "alarm.json",
          "spool.db", "spool.db-journal", "spool.db.reserve", "spool.db.corrupt"})
        remove_file(folder / name);
}

}  // namespace annexa::agent
