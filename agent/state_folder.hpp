// The agent's state folder: mode 0700, one process at a time, and what lies in it.
//
//   lock                 held by the process that works here; holds its process id
//   evidence.pem tls.pem the two private keys
//   salt                 32 random bytes that never leave this folder
//   certificate.pem      the TLS certificate and its chain
//   enrolment.json       what was verified at enrolment; written last: with it the agent is enrolled
//   chain-1 chain-2      where the chain stands, twice (chain_state.hpp)
//   spool.db             what waits to be sent, and what was sent lately
//   alarm.json           a receipt or checkpoint that failed, kept as proof
#pragma once

#include "agent/descriptor.hpp"
#include "evidence/errors.hpp"

#include <filesystem>
#include <string>

namespace annexa::agent {

/// Another process works in the folder; what() names it.
class folder_in_use : public evidence::error {
  public:
    using error::error;
};

class StateFolder {
  public:
    /// Makes the folder where it is not there, takes the lock. Throws folder_in_use, or error where the folder is not
    /// ours alone or cannot be used.
    static StateFolder open(const std::filesystem::path& path);

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] std::filesystem::path file(const char* name) const { return path_ / name; }

  private:
    StateFolder(std::filesystem::path path, Descriptor lock) : path_{std::move(path)}, lock_{std::move(lock)} {}
    std::filesystem::path path_;
    Descriptor lock_;
};

}  // namespace annexa::agent
