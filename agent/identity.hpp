// Who this agent is: two private keys (TLS and evidence), the salt's secret, and what was verified at enrolment.
#pragma once

#include "evidence/key.hpp"
#include "evidence/signed_note.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace annexa::agent {

struct Keys {
    evidence::PrivateKey evidence;
    std::string tls_pem;
    std::string salt;  // 32 bytes that never leave the state folder
};

/// The keys of a state folder; those that are not there are made. Throws error where one is there and cannot be used.
Keys load_or_make_keys(const std::filesystem::path& folder);

struct Enrolment {
    std::string url;            // of the store's listener for agents
    std::string ca;             // DER: the one that is trusted
    evidence::VerifierKey log;  // its name is the origin
    std::string host_id, host_name;
    evidence::Digest digest;  // of the enrolment record's payload: the chain's sequence 0
    std::optional<evidence::Digest> machine;
    evidence::PublicKey record_key, recovery_key;  // pinned

    [[nodiscard]] const std::string& origin() const { return log.name; }
    bool operator==(const Enrolment&) const = default;
};

void save_enrolment(const std::filesystem::path& folder, const Enrolment& enrolment);
/// Nothing where this folder is not enrolled. Throws error where the file is damaged.
std::optional<Enrolment> load_enrolment(const std::filesystem::path& folder);

struct Identity {
    Enrolment enrolment;
    Keys keys;
    std::string certificate_pem;
};

/// Nothing where this folder is not enrolled.
std::optional<Identity> load_identity(const std::filesystem::path& folder);

/// True where the machine is known to be another than the one that was enrolled.
bool is_cloned(const Enrolment& enrolment, const std::optional<evidence::Digest>& machine);

/// Removes keys, enrolment, chain and spool, the enrolment first: after a crash at any point the folder is enrolled or
/// not.
void forget_identity(const std::filesystem::path& folder);

}  // namespace annexa::agent
