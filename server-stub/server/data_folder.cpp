#include "server-stub/server/data_folder.hpp"

#include "evidence/canonical_json.hpp"
#include "evidence/encoding.hpp"
#include "evidence/errors.hpp"
#include "server-stub/enrolment/certificate_authority.hpp"
#include "server-stub/files.hpp"
#include "server-stub/storage/store.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

namespace annexa::store {
namespace {

constexpr std::size_t largest_key_bytes = 65536;

void make_folder(const std::filesystem::path& folder) {
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        throw evidence::error(folder.string() + ": " + std::strerror(errno));
}

std::string setting(const Store& store, std::string_view name) {
    auto value = store.setting(name);
    if (!value)
        throw evidence::error("the store has no setting '" + std::string{name} +
                              "': it was not made by annexa-server init");
    return *value;
}

}  // namespace

std::map<std::string, std::string> DataFolder::key_files() const {
    std::map<std::string, std::string> files;
    if (!std::filesystem::exists(keys())) return files;
    for (const auto& file : std::filesystem::directory_iterator{keys()})
        if (file.is_regular_file())
            files.emplace(file.path().filename().string(), read_file(file.path(), largest_key_bytes));
    return files;
}

void DataFolder::make() const {
    make_folder(root);
    make_folder(blobs());
    make_folder(keys());
    make_folder(run());
}

DataLock::DataLock(const DataFolder& folder) {
    const std::string path = folder.lock().string();
    descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor_ < 0)
        throw evidence::error(path + ": " + std::strerror(errno) + "; is " + folder.root.string() +
                              " a store? annexa-server init makes one");
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
        const int why = errno;
        std::string holder(20, '\0');
        const ssize_t count = ::read(descriptor_, holder.data(), holder.size());
        holder.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
        ::close(descriptor_);
        if (why != EWOULDBLOCK) throw evidence::error(path + ": " + std::strerror(why));
        throw evidence::error(folder.root.string() + " is in use by annexa-server, process " +
                              (holder.empty() ? "unknown" : holder));
    }
    const std::string self = std::to_string(::getpid());
    if (::ftruncate(descriptor_, 0) != 0 || ::pwrite(descriptor_, self.data(), self.size(), 0) < 0) {
        const int why = errno;
        ::close(descriptor_);
        throw evidence::error(path + ": " + std::strerror(why));
    }
}

DataLock::~DataLock() { ::close(descriptor_); }

std::span<const std::string_view> identity_setting_names() {
    static constexpr std::string_view names[] = {"organization", "names",         "log_key", "record_key",
                                                 "recovery_key", "local_account", "origin"};
    return names;
}

void write_identity(Store& store, const Identity& identity) {
    const std::map<std::string, std::string> settings{{"organization", identity.organization},
                                                      {"names", nlohmann::json(identity.names).dump()},
                                                      {"log_key", identity.log.text()},
                                                      {"record_key", identity.record_key.base64()},
                                                      {"recovery_key", identity.recovery_key.base64()},
                                                      {"local_account", identity.local_account},
                                                      {"origin", identity.origin}};
    nlohmann::json digests = nlohmann::json::object();
    for (const auto& [name, value] : settings) {
        store.set_setting(name, value);
        digests[name] = evidence::sha256(value).hex();
    }
    store.set_setting(identity_digests_setting, digests.dump());
}

std::map<std::string, evidence::Digest> parse_identity_digests(std::string_view text) {
    std::map<std::string, evidence::Digest> digests;
    for (const auto& [name, digest] : evidence::parse_json(text).get<std::map<std::string, std::string>>())
        digests.emplace(name, evidence::Digest::from_hex(digest));
    return digests;
}

Identity read_identity(const Store& store) {
    return {.origin = setting(store, "origin"),
            .organization = setting(store, "organization"),
            .names = evidence::parse_json(setting(store, "names")).get<std::vector<std::string>>(),
            .log = evidence::VerifierKey::parse(setting(store, "log_key")),
            .record_key = evidence::PublicKey::from_base64(setting(store, "record_key")),
            .recovery_key = evidence::PublicKey::from_base64(setting(store, "recovery_key")),
            .local_account = setting(store, "local_account")};
}

StoreKeys make_keys(std::string_view origin, const std::vector<std::string>& names, evidence::Instant now) {
    TlsIdentity authority = CertificateAuthority::create(origin, now);
    TlsIdentity server = CertificateAuthority{authority}.issue_server(names, now);
    return {.log = evidence::PrivateKey::generate(),
            .record = evidence::PrivateKey::generate(),
            .authority = std::move(authority),
            .server = std::move(server)};
}

void write_keys(const DataFolder& folder, const StoreKeys& keys) {
    if (keys.log) write_file(folder.keys() / "log.pem", keys.log->pem(), 0600);
    if (keys.record) write_file(folder.keys() / "record.pem", keys.record->pem(), 0600);
    write_file(folder.keys() / "ca.pem", keys.authority.key, 0600);
    write_file(folder.keys() / "ca.crt", keys.authority.certificates, 0644);
    write_server_certificate(folder, keys.server);
}

void write_server_certificate(const DataFolder& folder, const TlsIdentity& server) {
    // One file, so that key and certificate change together whatever happens between two writes.
    write_file(folder.keys() / "server.pem", server.key + server.certificates, 0600);
}

StoreKeys read_keys(const DataFolder& folder) {
    const auto read = [&](const char* name) { return read_file(folder.keys() / name, largest_key_bytes); };
    const auto signer = [&](const char* name) -> std::optional<evidence::PrivateKey> {
        if (!std::filesystem::exists(folder.keys() / name)) return std::nullopt;
        return evidence::PrivateKey::from_pem(read(name));
    };
    const std::string server = read("server.pem");
    return {.log = signer("log.pem"),
            .record = signer("record.pem"),
            .authority = {.certificates = read("ca.crt"), .key = read("ca.pem")},
            .server = {.certificates = server, .key = server}};
}

std::string code_key(const DataFolder& folder) {
    const std::filesystem::path file = folder.keys() / "codes.key";
    if (!std::filesystem::exists(file)) write_file(file, evidence::to_base64(evidence::random_bytes(32)) + "\n", 0600);
    std::string text = read_file(file, largest_key_bytes);
    while (!text.empty() && text.back() == '\n') text.pop_back();
    std::string key = evidence::from_base64(text);
    if (key.size() != 32) throw evidence::error(file.string() + ": expected 32 bytes in base64");
    return key;
}

void write_new_tls_keys(const DataFolder& folder, const Identity& identity, evidence::Instant now) {
    StoreKeys keys = make_keys(identity.origin, identity.names, now);
    keys.log.reset();
    keys.record.reset();
    write_keys(folder, keys);
}

}  // namespace annexa::store
