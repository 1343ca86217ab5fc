// What handlers and administration share: the parts of a store that is open. Made by open_server() for `run` (with
// listeners) and for offline administration (without).
#pragma once

#include <memory>
#include <string>

namespace annexa::evidence {
class Clock;
}

namespace annexa::store {

class Store;                 // storage/store.hpp
class Log;                   // log/log.hpp
class CertificateAuthority;  // enrolment/certificate_authority.hpp
class Conditions;            // conditions/conditions.hpp
class Metrics;               // metrics/metrics.hpp
struct Configuration;        // configuration/configuration.hpp
struct Identity;             // server/data_folder.hpp

/// References only: who made the parts owns them and outlives this. Every part is safe from any thread.
struct Server {
    const Configuration& configuration;
    const Identity& identity;
    const evidence::Clock& clock;
    Store& store;
    Log& log;
    CertificateAuthority& authority;
    Conditions& conditions;
    Metrics& metrics;
};

}  // namespace annexa::store
