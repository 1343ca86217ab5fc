// Where a store keeps what, and who may use it now.
//
//     DATA/store.db            database; the last thing that init puts there, so that a store is whole or is none
//     DATA/blobs/              tables and documents by digest
//     DATA/keys/               log.pem, record.pem, ca.pem, ca.crt, server.pem (key and certificate), codes.key; folder
//     mode 0700 DATA/run/                lock, urls, admin.sock
#pragma once

#include "evidence/digest.hpp"
#include "evidence/instant.hpp"
#include "evidence/key.hpp"
#include "evidence/signed_note.hpp"
#include "server-stub/http/listener.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::store {

class Store;
struct Server;

struct DataFolder {
    std::filesystem::path root;

    [[nodiscard]] std::filesystem::path database() const { return root / "store.db"; }
    [[nodiscard]] std::filesystem::path blobs() const { return root / "blobs"; }
    [[nodiscard]] std::filesystem::path keys() const { return root / "keys"; }
    [[nodiscard]] std::filesystem::path run() const { return root / "run"; }
    [[nodiscard]] std::filesystem::path lock() const { return run() / "lock"; }
    [[nodiscard]] std::filesystem::path urls() const { return run() / "urls"; }
    [[nodiscard]] std::filesystem::path admin_socket() const { return run() / "admin.sock"; }

    /// What is in keys/, by name; nothing where that is not there. Throws evidence::error where a file cannot be read.
    [[nodiscard]] std::map<std::string, std::string> key_files() const;

    /// Makes the folders, mode 0700. Existing ones stay.
    void make() const;
};

/// The exclusive use of a store, for as long as it lives. Throws evidence::error that names the process which has it.
class DataLock {
  public:
    explicit DataLock(const DataFolder& folder);
    ~DataLock();
    DataLock(const DataLock&) = delete;
    DataLock& operator=(const DataLock&) = delete;

  private:
    int descriptor_ = -1;
};

/// What a store is called and which keys speak for it: settings of the Store, written once by init.
struct Identity {
    std::string origin;  // "annexa/UUID"
    std::string organization;
    std::vector<std::string> names;  // the server's, for its certificate; the first stands in tokens
    evidence::VerifierKey log;
    evidence::PublicKey record_key;
    evidence::PublicKey recovery_key;
    std::string local_account;  // id of the account that stands for administration on the machine itself
};

/// Writes the settings, and the SHA-256 of each under `identity_digests_setting`: no entry of the log says what an
/// organization is called, and check shall find a changed byte there too.
void write_identity(Store& store, const Identity& identity);
std::span<const std::string_view> identity_setting_names();
constexpr const char* identity_digests_setting = "digests";
/// Setting name: SHA-256 of its value. Throws what is thrown for a text of another form.
std::map<std::string, evidence::Digest> parse_identity_digests(std::string_view text);
/// Throws evidence::error where the store has none.
Identity read_identity(const Store& store);

/// The private keys of a store. One that was restored from a backup without keys has none for its log and records.
struct StoreKeys {
    std::optional<evidence::PrivateKey> log;
    std::optional<evidence::PrivateKey> record;
    TlsIdentity authority;
    TlsIdentity server;
};

/// New ones: the authority for `origin`, the server's certificate for `names`.
StoreKeys make_keys(std::string_view origin, const std::vector<std::string>& names, evidence::Instant now);
void write_keys(const DataFolder& folder, const StoreKeys& keys);
/// Log and record key are none where their files are not there. Throws evidence::error that names the file.
StoreKeys read_keys(const DataFolder& folder);
/// For a restored store, whose TLS keys stayed behind: a new authority and a new certificate, so that people can reach
/// it.
void write_new_tls_keys(const DataFolder& folder, const Identity& identity, evidence::Instant now);
/// The key that seals the secrets of people's one-time codes, so that the database alone does not yield them: 32 bytes.
/// Made where there is none yet; after a restore without keys, people set up their codes anew.
std::string code_key(const DataFolder& folder);
void write_server_certificate(const DataFolder& folder, const TlsIdentity& server);

}  // namespace annexa::store
