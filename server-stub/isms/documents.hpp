// Blobs that a record names by their digest: its versions, and large things that it froze (a run, a population, a
// sheet).
#pragma once

#include "evidence/digest.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace annexa::store {

class Blobs;

namespace isms {

/// Puts documents beside the log, and takes them back where the log did not take what names them: unless keep() was
/// called, they are gone with this.
class Documents {
  public:
    explicit Documents(Blobs& blobs) : blobs_{blobs} {}
    ~Documents();
    Documents(const Documents&) = delete;
    Documents& operator=(const Documents&) = delete;

    /// Canonical JSON with a member "salt" of its own beside what the object holds: its digest tells nothing once it is
    /// erased. Names of people stay out of what is frozen: an id can be resolved as long as there is a person.
    evidence::Digest put_salted(nlohmann::json object);
    void keep() { digests_.clear(); }

  private:
    Blobs& blobs_;
    std::vector<evidence::Digest> digests_;
};

}  // namespace isms
}  // namespace annexa::store
