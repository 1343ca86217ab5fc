// A kind of record: its members, and the few rules that are its own. Adding one is a file with a Kind, a line in
// kinds.cpp and its tests (README.md).
#pragma once

#include "server-stub/http/session.hpp"
#include "server-stub/isms/field.hpp"
#include "server-stub/isms/record.hpp"

#include <functional>
#include <map>
#include <optional>
#include <set>

namespace annexa::policies {
struct StatusInputs;
}

namespace annexa::store {
class Blobs;
struct Decider;
struct Server;
}  // namespace annexa::store

namespace annexa::store::isms {

struct Change;    // editing.hpp
class Documents;  // documents.hpp

/// What live data say of a check now, over all hosts in scope.
struct CheckNow {
    std::size_t hosts_overdue = 0;
    std::optional<Instant> overdue_since;  // on the host where it has been so for longest
    std::optional<Instant> waiver_ended;   // when the last waiver of it that was approved came to its end
};

/// An entry of the log as it was verified on the spot: there, signed by whom it must be, included in the tree.
struct ProvedEntry {
    std::string problem;  // what does not hold; empty: everything does
    std::string type;     // predicateType
    Digest digest;        // of the payload
    std::string host;     // id, of a statement
    Instant made_at;
    std::uint64_t tree_size = 0;  // of the tree that it was proved to be in
};

/// A file that was uploaded: what its bytes say.
struct UploadedFile {
    std::uint64_t size = 0;
    std::string media_type;
};

/// What the rules may know of the world beside the records. Built by the API from live data; empty in tests.
struct Facts {
    Instant now;
    std::string account;                                  // who asks
    std::function<bool(Permission)> may;                  // whether who asks holds a right; absent: none
    std::function<std::size_t(Permission)> holders;       // accounts that hold a right
    std::function<bool(const std::string&)> host_exists;  // id
    std::function<bool(const std::string&)> check_exists;
    std::function<CheckNow(const std::string&)> check_now;                    // id of a check
    std::function<std::string(const std::string&)> indication;                // a control's status now: "effective"
    std::function<ProvedEntry(std::uint64_t)> prove_entry;                    // index in the log
    std::function<std::optional<UploadedFile>(const Digest&)> uploaded_file;  // nothing: none of that digest
    std::function<std::vector<std::string>()> hosts_in_scope;                 // names, now
    std::function<std::map<std::string, std::set<std::string>, std::less<>>()> accounts_on_hosts;  // login → hosts
    /// What an account did in the store since then that it could not audit, a sentence each (independence.hpp).
    std::function<std::vector<std::string>(const std::string& account, Instant since)> deeds;
    std::function<std::map<std::string, std::string>()> host_owners;  // id of a host → its tag `owner`
};

/// A record as it is to be written, and as it was.
struct Draft {
    const std::string& id;
    const Record* before;  // none: it is new
    const nlohmann::json& after;
};

/// Something that the standard asks for and that is missing.
struct Gap {
    int step = 0;          // of the ten
    std::string clause;    // "6.1.2"
    std::string record;    // id, where it is of one record
    std::string sentence;  // what is missing
    std::string next;      // what to do: a command, or a deed
};

/// What a person does with a record beyond editing it: POST …/actions/NAME. Returns the members of its next version.
struct ActionContext {
    const Record& record;
    const Register& records;
    const Facts& facts;
    Server& server;
    const Decider& by;
    Documents& documents;       // where what it freezes goes; a computed digest names it
    std::vector<Change>& also;  // what it changes in other records, in the same write
};
struct Action {
    std::string_view name;
    std::string_view description;
    Permission permission = Permission::edit;
    std::span<const Field> input = {};
    nlohmann::json (*run)(const ActionContext& context, const nlohmann::json& input) = nullptr;
    std::optional<Permission> or_permission = {};  // whoever holds this may too
};

struct Kind {
    std::string_view name = {};          // "asset"
    std::string_view plural = {};        // "assets": folder of an export, word of an import
    std::string_view title = {};         // "Asset"
    int step = 0;                        // of the ten, 1 to 10
    std::string_view clauses = {};       // what asks for it: "A.5.9"
    std::span<const Field> fields = {};  // beyond the common ones
    std::string_view missing = {};       // the gap where there is none of it: a sentence; empty: none is asked for
    std::string_view key = "title";      // member that no two records of the kind share; empty: none
    bool single = false;                 // one of it in a store
    bool approvable = true;              // whether approving it means something
    bool two_persons = false;            // approving it is refused to who wrote it, even where there is no other
    bool deletable = true;               // what others must be able to find again is not
    std::string_view ends_in = {};       // computed group of the frozen document that makes it final (finality.hpp)
    /// Why a record with these members is neither deleted nor erased; empty: it may go.
    std::string_view (*stays)(const nlohmann::json& members) = nullptr;
    Permission write = Permission::edit;
    std::optional<Permission> or_write = {};  // whoever holds this writes too
    /// Fills in the computed members that follow from others, whenever a version is written.
    void (*compute)(nlohmann::json& members, const Record* before, const Register& records,
                    const Facts& facts) = nullptr;
    /// Rules beyond the form. `records` holds the whole as it would be.
    void (*rules)(const Draft& draft, const Register& records, const Facts& facts,
                  std::vector<Problem>& problems) = nullptr;
    void (*gaps)(const Register& records, const Facts& facts, std::vector<Gap>& gaps) = nullptr;
    /// Whether what is due of it is still to be done; nothing: always.
    bool (*open)(const nlohmann::json& members) = nullptr;
    /// What its records hand into the status of controls, as of a time.
    void (*inform)(const Register& records, Instant at, policies::StatusInputs& inputs) = nullptr;
    std::span<const Action> actions = {};
};

/// The one list, by step.
std::span<const Kind* const> kinds();
/// By name or plural; nullptr where there is none.
const Kind* find_kind(std::string_view name);

/// title, owner, next_review, links, labels, notes: what every record may hold.
std::span<const Field> common_fields();
/// common_fields() and the kind's own.
std::vector<Field> all_fields(const Kind& kind);
/// JSON Schema of a kind's records: docs/schemas/NAME.schema.json.
nlohmann::json schema_of(const Kind& kind);

/// Whether the day or instant in the member `last` is not before that in `first`, where both are there. Appends.
void check_order(const Draft& draft, std::string_view first, std::string_view last, std::vector<Problem>& problems);

/// Form, references, key, single and the kind's rules. Appends.
void check_record(const Kind& kind, const Draft& draft, const Register& records, const Facts& facts,
                  std::vector<Problem>& problems);

}  // namespace annexa::store::isms
