// What handlers and administration share: the parts of a store that is open. open_store.hpp makes them.
#pragma once

namespace annexa::evidence {
class Clock;
class PrivateKey;
}  // namespace annexa::evidence

namespace annexa::store {

class Blobs;                 // storage/blobs.hpp
class CertificateAuthority;  // enrolment/certificate_authority.hpp
class Evaluation;            // evaluation/evaluation.hpp
class Ingest;                // ingest/ingest.hpp
class Journal;               // journal.hpp
class Log;                   // log/log.hpp
class Metrics;               // metrics/metrics.hpp
class Registrar;             // enrolment/registrar.hpp
class SignInGuard;           // people/sign_in_guard.hpp
class Store;                 // storage/store.hpp
struct Configuration;        // configuration/configuration.hpp
struct Identity;             // server/data_folder.hpp
struct Reach;                // enrolment/tokens.hpp: how agents and people reach the server

/// References only: who made the parts owns them and outlives this. Every part is safe from any thread.
struct Server {
    const Configuration& configuration;
    const Identity& identity;
    const evidence::Clock& clock;
    const evidence::PrivateKey& record_key;  // signs what people decide (evidence/record.hpp)
    const Reach& reach;
    Journal& journal;
    Store& store;
    Blobs& blobs;
    Log& log;
    Ingest& ingest;
    Evaluation& evaluation;
    CertificateAuthority& authority;
    Registrar& registrar;
    Metrics& metrics;
    SignInGuard& guard;
};

}  // namespace annexa::store
