// Changing records: all or nothing, upon a base that is still the last, each change a signed record in the log.
#pragma once

#include "server-stub/evaluation/decisions.hpp"
#include "server-stub/isms/kind.hpp"

namespace annexa::store::isms {

/// One change of a request. `record` is an id, or whatever names a new record in this request ("new-1", a file's name):
/// other changes of the request refer to it by "$new-1".
struct Change {
    std::string record;
    std::string kind;                   // of a new one
    std::optional<std::uint64_t> base;  // the version it was made upon; none: it is new
    bool deletes = false;
    std::shared_ptr<const nlohmann::json> members;
};

struct Applied {
    std::string record;  // as the request named it
    std::string id;
    std::string kind;
    std::uint64_t version = 0;             // of the record now; unchanged where `differences` is empty
    std::vector<std::string> differences;  // members that differ; of a new record all that it has
    bool created = false;
    bool deleted = false;
};

/// The change does not fit: which records, where, what was expected.
class refused_changes : public evidence::coded_error {
  public:
    /// code: `schema` (the request is wrong), `stale` (a base is no longer the last version), `forbidden`.
    refused_changes(std::string code, std::vector<Problem> problems);
    std::vector<Problem> problems;
};

/// At most 2,000 changes. Throws refused_changes with every problem, nothing of it applied; with `dry_run` nothing is
/// written. A change that changes nothing writes nothing. Computed members are kept as they were, whatever the request
/// says, unless `by_server`.
std::vector<Applied> apply(const Decider& decider, const Facts& facts, std::vector<Change> changes, bool dry_run,
                           bool by_server = false);

/// Approves or rejects the last version, by its exact digest. Throws coded_error `forbidden` (the author, or the right
/// is lacking), `conflict` (another version is the last, or it was judged so already), `not_found`.
Approval judge(const Decider& decider, const Facts& facts, const std::string& id, const Digest& digest, bool approved,
               std::string note);

/// Erases what was written in a record, all versions and what was said in approving them; the log keeps digests and a
/// deletion with the ground. Throws coded_error `not_found`, `conflict` (another record still refers to it), `schema`
/// (no ground).
void erase(const Decider& decider, const std::string& id, const std::string& ground);

/// Whether an act on what `authors` did needs a second person. False: it is another than they who acts. True: the actor
/// is an author, and nobody else holds the right: the act is marked single_person. Throws coded_error `forbidden` where
/// another could.
bool single_person(const Decider& decider, const Facts& facts, const std::vector<std::string>& authors,
                   Permission right, std::string_view deed);

}  // namespace annexa::store::isms
