// DATA/run/admin.sock: administration of a running server by its own user and root (mode 0600 in a folder of 0700).
// One request a connection, as a frame (evidence/frame.hpp) of JSON (administration.hpp).
#pragma once

#include "server-stub/server/data_folder.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace annexa::store {

class AdminSocket {
  public:
    /// Listens on a thread of its own, one connection after the other. A socket that is left from before gives way: the
    /// caller holds the store's lock.
    AdminSocket(const DataFolder& folder, Server& server);
    ~AdminSocket();  // ends after the request under way
    AdminSocket(const AdminSocket&) = delete;
    AdminSocket& operator=(const AdminSocket&) = delete;

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

/// Sends a request to the server that runs on this store. Nothing where none does. Throws evidence::error where there is
/// one that may not be asked, or that gave no answer.
std::optional<std::string> ask_running(const DataFolder& folder, std::string_view request);

}  // namespace annexa::store
