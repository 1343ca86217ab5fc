// What agents send: tables, then statements. Ties acceptance, store, blobs and log together.
#pragma once

#include "evidence/instant.hpp"
#include "server-stub/ingest/limits.hpp"
#include "server-stub/log/log.hpp"
#include "server-stub/storage/blobs.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace annexa::policies {
struct Schemas;
}

namespace annexa::store {

/// Borrows everything. Thread-safe; statements of one host are taken one after the other.
class Ingest {
  public:
    Ingest(Store& store, Blobs& blobs, Log& log, const evidence::Clock& clock, const policies::Schemas& schemas,
           IngestLimits limits = {});
    ~Ingest();

    enum class Put { stored, was_held };

    /// The body of PUT /agent/v1/tables/{digest}?name=NAME from the host whose certificate the connection showed.
    /// Returns when the table is durable. Throws coded_error: `schema`, `bad_json`, `table_refused`, `too_large`,
    /// `digest_mismatch`, `busy`, `unavailable`, and what check_host says.
    Put put_table(std::string_view host, std::string_view digest_hex, std::string_view name, std::string_view body);

    /// The body of POST /agent/v1/statements; the receipt's JSON. A statement that is refused has its code in the
    /// receipt. Throws coded_error where the request as a whole is refused: `bad_json`, `too_large`, `unavailable`,
    /// `busy`, and what check_host says.
    std::string submit(std::string_view host, std::string_view body);

    /// Throws coded_error `unknown_key`, `retired`, `revoked` where nothing of this host is taken any more, looked up
    /// anew at each call; `two_machines` is answered to each statement and throws here only for tables.
    void check_host(std::string_view host) const;

    /// Drops tables that no statement has named within a day. Called from time to time; returns how many blobs went.
    std::size_t sweep();

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace annexa::store
