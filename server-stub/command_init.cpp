// Makes a store. Everything is built in a folder of its own beneath DATA and moved in place at the end, store.db last: what
// fails leaves nothing, and what was interrupted is no store.
#include "evidence/canonical_json.hpp"
#include "evidence/errors.hpp"
#include "server-stub/commands.hpp"
#include "server-stub/enrolment/certificate_authority.hpp"
#include "server-stub/enrolment/tokens.hpp"
#include "server-stub/files.hpp"
#include "server-stub/server/open_store.hpp"
#include "server-stub/storage/sqlite_store.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <iostream>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace annexa::store {
namespace {

namespace fs = std::filesystem;
constexpr std::chrono::hours first_token_lifetime{24};

std::vector<std::string> names_of(const InitOptions& options) {
    std::vector<std::string> names = options.names;
    if (names.empty()) {
        std::array<char, 256> own{};
        if (::gethostname(own.data(), own.size() - 1) != 0) throw evidence::error("this machine has no name: give --name");
        names.emplace_back(own.data());
    }
    for (const std::string& name : names)
        if (!is_server_name(name)) throw evidence::error("--name: '" + name + "' is no DNS name and no numeric address");
    return names;
}

void check_organization(const std::string& organization) {
    if (organization.empty() || organization.size() > 200 || !evidence::is_plain_text(organization) || organization.find('\n') != std::string::npos)
        throw evidence::error("--organization: expected a name of 1 to 200 bytes on one line");
}

/// A folder that is removed again unless it was kept; DATA itself too where it was made here.
class Building {
  public:
    explicit Building(const fs::path& data) : data_{data}, building_{data / ".init"} {
        std::error_code failure;
        if (fs::exists(DataFolder{data}.database(), failure))
            throw evidence::error(data.string() + " is a store already; annexa-server run serves it");
        made_data_ = fs::create_directories(data, failure);
        if (failure) throw evidence::error(data.string() + ": " + failure.message());
        fs::permissions(data, fs::perms::owner_all, failure);
        fs::remove_all(building_, failure);  // of an init that was killed
        if (!fs::is_empty(data, failure)) throw evidence::error(data.string() + " is not empty: give a folder for the store alone");
    }
    ~Building() {
        std::error_code ignored;
        fs::remove_all(building_, ignored);
        if (made_data_ && !kept_) fs::remove(data_, ignored);
    }
    Building(const Building&) = delete;
    Building& operator=(const Building&) = delete;

    [[nodiscard]] DataFolder folder() const { return {building_}; }

    void keep() {
        const DataFolder from = folder();
        const DataFolder to{data_};
        fs::rename(from.keys(), to.keys());
        fs::rename(from.blobs(), to.blobs());
        fs::rename(from.run(), to.run());
        sync_folder(data_);
        fs::rename(from.database(), to.database());
        kept_ = true;
        sync_folder(data_);
    }

  private:
    fs::path data_;
    fs::path building_;
    bool made_data_ = false;
    bool kept_ = false;
};

}  // namespace

void command_init(const InitOptions& options) {
    check_organization(options.organization);
    const std::vector<std::string> names = names_of(options);
    const evidence::SystemClock clock;
    const evidence::Instant now = clock.now();
    const fs::path data = fs::absolute(options.data).lexically_normal();

    Building building{data};
    const DataFolder folder = building.folder();
    folder.make();
    const std::string origin = "annexa/" + evidence::random_uuid();
    const StoreKeys keys = make_keys(origin, names, now);
    const evidence::PrivateKey recovery = evidence::PrivateKey::generate();
    write_keys(folder, keys);
    {
        SQLiteStore store{folder.database(), SQLiteStore::Mode::create};
        const Account local{.id = evidence::random_uuid(), .name = "administration on the server", .role = roles_text(full_admin), .made_at = now};
        store.add_account(local);
        write_identity(store, {.origin = origin,
                               .organization = options.organization,
                               .names = names,
                               .log = {.name = origin, .key = keys.log->public_key()},
                               .record_key = keys.record->public_key(),
                               .recovery_key = recovery.public_key(),
                               .local_account = local.id});
    }
    MadeToken first;
    {
        Configuration configuration;
        configuration.data = folder.root;
        Journal journal{Severity::warning};
        OpenStore store{configuration, journal, clock};  // begins the log
        first = create_token(store.server(),
                             {.role = Role::admin, .lifetime = first_token_lifetime, .uses = 1, .host = std::nullopt, .name = "first administrator"});
    }
    building.keep();

    const evidence::VerifierKey log{.name = origin, .key = keys.log->public_key()};
    if (options.format == Format::json) {
        const nlohmann::json shown{{"data", data.string()},
                                   {"log_key", log.text()},
                                   {"origin", origin},
                                   {"recovery_key", recovery.pem()},
                                   {"token", {{"expires", evidence::to_string(first.expires)}, {"id", first.id}, {"role", "admin"}, {"token", first.text}}}};
        std::cout << shown.dump() << '\n';
        return;
    }
    std::cout << "Made the store of " << options.organization << " in " << data.string() << ".\n"
              << "Log: " << log.text() << "\n\n"
              << "Recovery key. It is shown once and not kept here: store it offline. With it alone can a restored or moved\n"
              << "store speak for this one, so whoever has it can be this store to your hosts.\n\n"
              << recovery.pem() << '\n'
              << "First administrator's token, for one sign-in until " << evidence::to_string(first.expires) << ":\n\n"
              << first.text << "\n\n"
              << "Next: annexa-server run --data " << data.string() << '\n';
}

}  // namespace annexa::store
