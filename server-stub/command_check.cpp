#include "evidence/errors.hpp"
#include "server-stub/check/store_check.hpp"
#include "server-stub/server/data_folder.hpp"
#include "server-stub/storage/blob_folder.hpp"
#include "server-stub/storage/sqlite_store.hpp"
#include "server-stub/store_commands.hpp"

#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <iostream>
#include <nlohmann/json.hpp>

namespace annexa::store {

using nlohmann::json;

namespace {

/// Checks what is there. A database that cannot even be opened is a problem of the store, not of the command.
StoreCheck check(const DataFolder& folder) {
    const std::filesystem::path file = folder.database();
    if (::access(file.c_str(), R_OK) != 0)
        throw evidence::error(file.string() + ": " + std::strerror(errno) + "; is " + folder.root.string() +
                              " a store?");
    const BlobFolder blobs{folder.blobs()};
    const KeyFiles keys = folder.key_files();
    std::optional<SQLiteStore> store;
    try {
        store.emplace(file, SQLiteStore::Mode::snapshot);
    } catch (const std::exception& failure) {
        StoreCheck damaged;
        damaged.problems.push_back({"database", failure.what()});
        return damaged;
    }
    return check_store(*store, blobs, keys);
}

}  // namespace

int command_check(const Configuration& configuration, bool as_json) {
    const StoreCheck check = store::check(DataFolder{configuration.data});
    if (as_json) {
        json problems = json::array();
        for (const StoreProblem& problem : check.problems)
            problems.push_back({{"place", problem.place}, {"what", problem.what}});
        std::cout << json{{"entries", check.entries},           {"statements", check.statements},
                          {"enrolments", check.enrolments},     {"blobs", check.blobs},
                          {"history_rows", check.history_rows}, {"problems", std::move(problems)}}
                         .dump(-1, ' ', false, json::error_handler_t::replace)
                  << '\n';
    } else {
        for (const StoreProblem& problem : check.problems) std::cout << problem.place << ": " << problem.what << '\n';
        std::cout << "Checked " << check.entries << " entries (" << check.statements << " statements of "
                  << check.enrolments << " enrolments), " << check.blobs << " tables and documents, "
                  << check.history_rows << " rows of history: "
                  << (check.problems.empty() ? "all holds." : std::to_string(check.problems.size()) + " problems.")
                  << '\n';
    }
    return check.problems.empty() ? 0 : 1;
}

}  // namespace annexa::store
