#include "server-stub/check/store_check.hpp"
#include "server-stub/server/data_folder.hpp"
#include "server-stub/storage/blob_folder.hpp"
#include "server-stub/storage/sqlite_store.hpp"
#include "server-stub/store_commands.hpp"

#include <iostream>
#include <nlohmann/json.hpp>

namespace annexa::store {

using nlohmann::json;

int command_check(const Configuration& configuration, bool as_json) {
    const DataFolder folder{configuration.data};
    const SQLiteStore store{folder.database(), SQLiteStore::Mode::read_only};
    const BlobFolder blobs{folder.blobs()};
    const Identity identity = read_identity(store);
    const StoreCheck check = check_store(store, blobs, identity.log, identity.record_key);
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
