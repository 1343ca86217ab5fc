// Enrols hosts and renews their certificates. The request is an envelope by the host's evidence key; the answer is the
// enrolment record as it stands in the log, with proof, and a certificate for the host id alone.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace annexa::evidence {
class Clock;
class PrivateKey;
}  // namespace annexa::evidence

namespace annexa::store {

class CertificateAuthority;
class Log;
class Store;
struct Identity;

/// Borrows everything. Safe from any thread.
class Registrar {
  public:
    Registrar(Store& store, Log& log, const CertificateAuthority& authority, const Identity& identity, const evidence::PrivateKey& record_key,
              const evidence::Clock& clock);
    ~Registrar();

    /// POST /agent/v1/enroll: the answer's JSON. A repeat with the same evidence key gets the same host, record and
    /// certificate again, whatever became of the token since. Throws coded_error: `token_missing`, `token_unknown`,
    /// `token_revoked`, `token_expired`, `token_used`, `forbidden`, `too_large`, `bad_json`, `wrong_type`, `schema`,
    /// `bad_signature`, `other_origin`, `revoked`, `retired`, `two_machines`, `conflict`, `busy`, `unavailable`.
    std::string enrol(std::string_view bearer, std::string_view body);

    /// POST /agent/v1/renew: the answer's JSON. Throws coded_error: as above but for the token's, and `unknown_key`.
    std::string renew(std::string_view body);

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace annexa::store
