#include "server-stub/server/open_store.hpp"

#include "evidence/errors.hpp"
#include "policies/schema.hpp"
#include "server-stub/enrolment/certificate_authority.hpp"
#include "server-stub/enrolment/registrar.hpp"
#include "server-stub/enrolment/tokens.hpp"
#include "server-stub/evaluation/evaluation.hpp"
#include "server-stub/files.hpp"
#include "server-stub/ingest/ingest.hpp"
#include "server-stub/log/log.hpp"
#include "server-stub/metrics/metrics.hpp"
#include "server-stub/people/sign_in_guard.hpp"
#include "server-stub/storage/blob_folder.hpp"
#include "server-stub/storage/sqlite_store.hpp"

namespace annexa::store {
namespace {

constexpr std::size_t largest_pem_bytes = 65536;

TlsIdentity load_people_tls(const Configuration& configuration, const TlsIdentity& own) {
    if (!configuration.people_tls) return own;
    TlsIdentity files{.certificates = read_file(configuration.people_tls->certificate, largest_pem_bytes),
                      .key = read_file(configuration.people_tls->key, largest_pem_bytes)};
    check_tls_identity(files);
    return files;
}

std::string url(const std::optional<std::string>& configured, const Identity& identity, std::uint16_t port) {
    if (configured) return *configured;
    if (port == 0) return {};
    const std::string& name = identity.names.at(0);
    const bool numeric_v6 = name.find(':') != std::string::npos;
    return "https://" + (numeric_v6 ? "[" + name + "]" : name) + ":" + std::to_string(port);
}

/// A restored store may be without keys: then TLS gets new ones, and nothing is signed.
StoreKeys keys_of(const DataFolder& folder, const Store& store, const Identity& identity, evidence::Instant now) {
    const bool restored = store.setting("restored").has_value();
    if (restored && !std::filesystem::exists(folder.keys() / "ca.pem")) {
        folder.make();
        write_new_tls_keys(folder, identity, now);
    }
    StoreKeys keys = read_keys(folder);
    if (!restored && (!keys.log || !keys.record))
        throw evidence::error((folder.keys() / (keys.log ? "record.pem" : "log.pem")).string() + " is not there: without it this store can sign nothing");
    return keys;
}

Log open_log(Store& store, const Identity& identity, const StoreKeys& keys, const evidence::Clock& clock) {
    if (!keys.log || !keys.record) return {store, identity.log};
    return {store, identity.origin, evidence::PrivateKey::from_pem(keys.log->pem()), evidence::PrivateKey::from_pem(keys.record->pem()), clock};
}

}  // namespace

struct OpenStore::Parts {
    Parts(const Configuration& configuration_, Journal& journal, const evidence::Clock& clock)
        : configuration{configuration_},
          folder{configuration_.data},
          lock{folder},
          store{folder.database(), SQLiteStore::Mode::open},
          blobs{folder.blobs()},
          identity{read_identity(store)},
          keys{keys_of(folder, store, identity, clock.now())},
          record_key{keys.record ? evidence::PrivateKey::from_pem(keys.record->pem()) : evidence::PrivateKey::generate()},
          authority{keys.authority},
          people_tls{load_people_tls(configuration, keys.server)},
          log{open_log(store, identity, keys, clock)},
          evaluation{store, blobs, clock, policies::built_in_schemas()},
          ingest{store, blobs, log, clock, policies::built_in_schemas()},
          registrar{store, log, authority, identity, record_key, clock},
          guard{code_key(folder)},
          server{.configuration = configuration,
                 .identity = identity,
                 .clock = clock,
                 .record_key = record_key,
                 .reach = reach,
                 .journal = journal,
                 .store = store,
                 .blobs = blobs,
                 .log = log,
                 .ingest = ingest,
                 .evaluation = evaluation,
                 .authority = authority,
                 .registrar = registrar,
                 .metrics = metrics,
                 .guard = guard} {
        reach.agents_authority = authority.certificate_der();
        reach.people_authority = configuration.people_tls ? last_certificate_der(people_tls.certificates) : reach.agents_authority;
    }

    const Configuration configuration;
    DataFolder folder;
    DataLock lock;
    SQLiteStore store;
    BlobFolder blobs;
    Identity identity;
    StoreKeys keys;
    evidence::PrivateKey record_key;  // of a store without: one that nothing it signs can be logged
    CertificateAuthority authority;
    TlsIdentity people_tls;
    Reach reach;
    Metrics metrics;
    Log log;
    Evaluation evaluation;
    Ingest ingest;
    Registrar registrar;
    SignInGuard guard;
    Server server;
};

OpenStore::OpenStore(const Configuration& configuration, Journal& journal, const evidence::Clock& clock)
    : parts_{std::make_unique<Parts>(configuration, journal, clock)} {
    reached_at(configuration.agents.port, configuration.people.port);
}

OpenStore::~OpenStore() = default;

Server& OpenStore::server() { return parts_->server; }
const DataFolder& OpenStore::folder() const { return parts_->folder; }
const TlsIdentity& OpenStore::agents_tls() const { return parts_->keys.server; }
const TlsIdentity& OpenStore::people_tls() const { return parts_->people_tls; }

void OpenStore::reached_at(std::uint16_t agents_port, std::uint16_t people_port) {
    parts_->reach.agents_url = url(parts_->configuration.agents_url, parts_->identity, agents_port);
    parts_->reach.people_url = url(parts_->configuration.people_url, parts_->identity, people_port);
}

bool OpenStore::renew_server_certificate() {
    const evidence::Instant now = parts_->server.clock.now();
    const evidence::Instant end = certificate_end(parts_->keys.server.certificates);
    if (end - now > server_certificate_lifetime / 3) return false;
    const TlsIdentity renewed = parts_->authority.issue_server(parts_->identity.names, now);
    write_server_certificate(parts_->folder, renewed);
    parts_->keys.server = renewed;
    if (!parts_->configuration.people_tls) parts_->people_tls = renewed;
    return true;
}

bool OpenStore::reload_people_certificate() {
    if (!parts_->configuration.people_tls) return false;
    TlsIdentity files = load_people_tls(parts_->configuration, parts_->keys.server);
    if (files.certificates == parts_->people_tls.certificates && files.key == parts_->people_tls.key) return false;
    parts_->people_tls = std::move(files);
    return true;
}

}  // namespace annexa::store
