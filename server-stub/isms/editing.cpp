#include "server-stub/isms/editing.hpp"

#include "evidence/canonical_json.hpp"
#include "evidence/digest.hpp"
#include "evidence/encoding.hpp"
#include "evidence/envelope.hpp"
#include "evidence/record.hpp"
#include "server-stub/isms/documents.hpp"
#include "server-stub/isms/finality.hpp"
#include "server-stub/isms/named_blobs.hpp"
#include "server-stub/isms/values.hpp"
#include "server-stub/storage/blobs.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

namespace annexa::store::isms {
namespace {

using evidence::coded_error;
using nlohmann::json;

constexpr std::size_t most_changes = 2000;
constexpr std::size_t most_record_bytes = std::size_t{1} << 20;

std::string sentence_of(const std::vector<Problem>& problems) {
    std::string text;
    for (const Problem& problem : problems) {
        if (text.size() > 2000) return text + "; …";
        if (!text.empty()) text += "; ";
        text += problem.record + (problem.path.empty() ? "" : " " + problem.path) + ": " + problem.message;
    }
    return text;
}

LogEntry entry_of(const Decider& decider, const std::string& kind, const std::string& id, const std::string& word,
                  const Digest& document, std::optional<std::uint64_t> version, std::optional<std::uint64_t> follows,
                  Instant now) {
    evidence::DecisionRecord record;
    record.kind = kind;
    record.document = document;
    record.id = id;
    record.decision = word;
    record.version = version;
    record.actor = {decider.session.account, decider.session.id};
    record.made_at = now;
    Decision decision{kind, id, word, document, decider.session.account, now, 0, follows};
    return {evidence::entry(evidence::seal(evidence::serialise(record), decider.record_key)), std::move(decision)};
}

std::vector<std::string> differences(const json& before, const json& after) {
    std::set<std::string> names;
    for (const auto& [name, value] : before.items())
        if (!after.contains(name) || after.at(name) != value) names.insert(name);
    for (const auto& [name, value] : after.items())
        if (!before.contains(name)) names.insert(name);
    return {names.begin(), names.end()};
}

/// Replaces "$name" where a record's id stands by the id that the new record of that name has got.
void resolve(json& members, std::span<const Field> fields, const std::map<std::string, std::string>& ids) {
    for (const Field& field : fields) {
        const auto member = members.find(field.name);
        if (member == members.end()) continue;
        const auto one = [&](json& value) {
            if (field.type == FieldType::group && value.is_object()) return resolve(value, field.members, ids);
            if (field.type != FieldType::record || !value.is_string() ||
                !value.get_ref<const std::string&>().starts_with("$"))
                return;
            if (const auto id = ids.find(value.get<std::string>().substr(1)); id != ids.end()) value = id->second;
        };
        if (!field.is(flag::many))
            one(*member);
        else if (member->is_array())
            for (json& value : *member) one(value);
    }
}

/// What the server alone writes stays as it is, in groups too as long as they stand at the same place.
void keep_computed(json& after, const json& before, std::span<const Field> fields) {
    for (const Field& field : fields) {
        if (field.is(flag::computed)) {
            if (before.contains(field.name))
                after[std::string{field.name}] = before.at(std::string{field.name});
            else
                after.erase(std::string{field.name});
        }
    }
}

/// One change as it is prepared.
struct Prepared {
    Change change;
    const Kind* kind = nullptr;
    const Record* before = nullptr;
    std::string id;
    json members;
};

class Preparation {
  public:
    Preparation(const Decider& decider, const Facts& facts, bool by_server)
        : decider_{decider}, facts_{facts}, by_server_{by_server} {}

    void prepare(std::vector<Change> changes) {
        if (changes.size() > most_changes)
            throw coded_error("too_large", "at most 2,000 records can be changed at once");
        std::uint64_t next = records_.highest();
        std::set<std::string> named;
        for (Change& change : changes) {
            Prepared prepared;
            prepared.before = records_.find(change.record);
            if (!named.insert(change.record).second) problem(change, "", "is changed twice in this request");
            if (prepared.before == nullptr && evidence::is_record_id(change.record)) {
                if (change.base) problem(change, "", "there is no such record");
                prepared.id = change.record;  // an export comes back with its ids
            } else {
                prepared.id = prepared.before != nullptr ? prepared.before->id : record_id(++next);
            }
            ids_[change.record] = prepared.id;
            prepared.change = std::move(change);
            prepared_.push_back(std::move(prepared));
        }
        std::set<std::string> ids;
        for (const Prepared& prepared : prepared_)
            if (!ids.insert(prepared.id).second) problem(prepared.change, "", "two records would be " + prepared.id);
        for (Prepared& prepared : prepared_) prepare_one(prepared);
        refuse("schema");
    }

    void check() {
        Register whole = records_;
        for (const Prepared& prepared : prepared_) put_into(whole, prepared);
        for (Prepared& prepared : prepared_) {
            // What nobody changed stays as it is, so that an export comes back without a difference.
            const bool unchanged = prepared.before != nullptr && prepared.members == *prepared.before->members;
            if (prepared.kind->compute == nullptr || prepared.change.deletes || unchanged || !well_formed(prepared))
                continue;
            prepared.kind->compute(prepared.members, prepared.before, whole, facts_);
            put_into(whole, prepared);
        }
        for (const Prepared& prepared : prepared_) {
            if (prepared.change.deletes)
                check_deletion(prepared, whole);
            else
                check_one(prepared, whole);
        }
        refuse("schema");
    }

    std::vector<Applied> write(bool dry_run) {
        std::vector<Applied> applied;
        std::vector<LogEntry> entries;
        Documents documents{decider_.blobs};
        for (const Prepared& prepared : prepared_) {
            Applied one{prepared.change.record,
                        prepared.id,
                        std::string{prepared.kind->name},
                        0,
                        {},
                        prepared.before == nullptr,
                        prepared.change.deletes};
            const std::uint64_t last = prepared.before != nullptr ? prepared.before->last().version : 0;
            one.differences =
                differences(prepared.before != nullptr ? *prepared.before->members : json::object(), prepared.members);
            const bool changes = one.created || one.deleted || !one.differences.empty();
            one.version = changes ? last + 1 : last;
            applied.push_back(one);
            if (!changes || dry_run) continue;
            const json document{
                {"id", prepared.id}, {"kind", one.kind}, {"version", one.version}, {"record", prepared.members}};
            entries.push_back(entry_of(decider_, "record", prepared.id, one.deleted ? "deleted" : "written",
                                       documents.put_salted(document), one.version,
                                       prepared.before != nullptr ? prepared.before->last().index : 0, facts_.now));
        }
        if (!entries.empty()) decider_.log.append(std::move(entries));
        documents.keep();
        return applied;
    }

  private:
    void problem(const Change& change, std::string path, std::string message) {
        problems_.push_back({change.record, std::move(path), std::move(message)});
    }
    void refuse(const std::string& code) {
        if (!problems_.empty()) throw refused_changes(code, std::move(problems_));
    }

    void prepare_one(Prepared& prepared) {
        const Change& change = prepared.change;
        prepared.kind = find_kind(prepared.before != nullptr ? prepared.before->kind : change.kind);
        if (prepared.before != nullptr && prepared.before->erased)
            throw refused_changes("conflict", {{change.record, "", "it was erased"}});
        if (prepared.kind == nullptr)
            return problem(change, "kind", "there is no kind of record " + change.kind + "; see annexa isms kinds");
        if (prepared.before != nullptr && !change.kind.empty() && change.kind != prepared.kind->name &&
            change.kind != prepared.kind->plural)
            return problem(change, "kind", "the record is of the kind " + std::string{prepared.kind->name});
        if (!by_server_ && !may_write(*prepared.kind))
            throw refused_changes(
                "forbidden", {{change.record, "",
                               "your role may not write records of the kind " + std::string{prepared.kind->name}}});
        check_base(prepared);
        prepared.members = change.deletes && prepared.before != nullptr ? *prepared.before->members
                           : change.members                             ? *change.members
                                                                        : json::object();
        if (!prepared.members.is_object()) return problem(change, "", "expected an object");
        const std::vector<Field> fields = all_fields(*prepared.kind);
        resolve(prepared.members, fields, ids_);
        if (!by_server_)
            keep_computed(prepared.members, prepared.before != nullptr ? *prepared.before->members : json::object(),
                          fields);
        if (evidence::canonical_json(prepared.members).size() > most_record_bytes)
            problem(change, "", "is larger than 1 MiB");
    }

    [[nodiscard]] bool may_write(const Kind& kind) const {
        return may(decider_.session.role, kind.write) || (kind.or_write && may(decider_.session.role, *kind.or_write));
    }

    void put_into(Register& whole, const Prepared& prepared) const {
        Record record = prepared.before != nullptr ? *prepared.before : Record{};
        record.id = prepared.id;
        record.kind = prepared.kind->name;
        record.members = std::make_shared<const json>(prepared.members);
        record.versions.push_back(
            {record.versions.size() + 1, {}, decider_.session.account, facts_.now, 0, prepared.change.deletes});
        if (record.approved() == nullptr) record.approved_members = nullptr;
        whole.put(std::move(record));
    }

    /// What is computed reads members as what they should be; where they are not, check_one says so.
    static bool well_formed(const Prepared& prepared) {
        std::vector<Problem> problems;
        check_fields(prepared.members, all_fields(*prepared.kind), prepared.id, "", problems);
        return problems.empty();
    }

    /// Who edits upon an older version is told what changed since.
    void check_base(const Prepared& prepared) {
        const Change& change = prepared.change;
        if (prepared.before == nullptr) {
            if (change.deletes) problem(change, "", "there is no such record");
            return;
        }
        const Version& last = prepared.before->last();
        if (change.base == last.version) return;
        std::string changed;
        if (change.base && *change.base >= 1 && *change.base < last.version) {
            const Version& base = prepared.before->versions[*change.base - 1];
            if (const auto then = read_version(decider_.blobs, base))
                for (const std::string& name : differences(*then, *prepared.before->members))
                    changed += (changed.empty() ? "" : ", ") + name;
        }
        throw refused_changes(
            "stale", {{change.record, "",
                       (change.base ? "you edited version " + std::to_string(*change.base)
                                    : std::string{"you did not say which version you edited"}) +
                           ", the last is " + std::to_string(last.version) + " of " + evidence::to_string(last.at) +
                           (changed.empty() ? "" : "; changed since: " + changed) + "; look at it and edit again"}});
    }

    /// The rules speak of ids; who asked is told by the names of the request.
    void check_one(const Prepared& prepared, const Register& whole) {
        const std::size_t before = problems_.size();
        check_record(*prepared.kind, {prepared.id, prepared.before, prepared.members}, whole, facts_, problems_);
        for (std::size_t i = before; i < problems_.size(); ++i)
            if (problems_[i].record == prepared.id) problems_[i].record = prepared.change.record;
    }

    /// What is in force or was rejected goes by who may approve, and no author takes another's rejection away.
    void check_withdrawal(const Prepared& prepared) const {
        const Record& record = *prepared.before;
        const Approval* rejection = record.rejected();
        if (by_server_ || (record.approved() == nullptr && rejection == nullptr)) return;
        const auto refuse_it = [&](const char* why) {
            throw refused_changes("forbidden", {{prepared.change.record, "", why}});
        };
        if (!may(decider_.session.role, Permission::approve))
            refuse_it(rejection == nullptr ? "an approved record is withdrawn by who may approve it"
                                           : "a record that was rejected is withdrawn by who may approve it");
        const std::vector<std::string> authors = record.authors();
        if (rejection != nullptr && rejection->account != decider_.session.account &&
            std::find(authors.begin(), authors.end(), decider_.session.account) != authors.end())
            refuse_it("another person rejected it: mend it and have it judged again, or let another withdraw it");
    }

    void check_deletion(const Prepared& prepared, const Register& whole) {
        if (const std::string why = why_it_stays(*prepared.kind, *prepared.before); !why.empty())
            throw refused_changes("forbidden", {{prepared.change.record, "", why}});
        check_withdrawal(prepared);
        for (const auto& [id, other] : whole.all()) {
            if (other.deleted() || id == prepared.id) continue;
            const Kind* kind = find_kind(other.kind);
            if (kind == nullptr) continue;
            each_value(*other.members, all_fields(*kind),
                       [&](const Field& field, const json& value, const std::string& path) {
                           if (field.type == FieldType::record && value == prepared.id)
                               problem(prepared.change, "", id + " refers to it (" + path + ")");
                       });
        }
    }

    const Decider& decider_;
    const Facts& facts_;
    bool by_server_;
    Register records_{decider_.store, decider_.blobs, {facts_.now, std::nullopt}};
    std::map<std::string, std::string> ids_;
    std::vector<Prepared> prepared_;
    std::vector<Problem> problems_;
};

const Record& existing(const Register& records, const std::string& id) {
    const Record* record = records.find(id);
    if (record == nullptr) throw coded_error("not_found", "there is no record " + id);
    return *record;
}

}  // namespace

refused_changes::refused_changes(std::string code, std::vector<Problem> all)
    : coded_error(std::move(code), sentence_of(all)), problems(std::move(all)) {}

std::vector<Applied> apply(const Decider& decider, const Facts& facts, std::vector<Change> changes, bool dry_run,
                           bool by_server) {
    // Who was faster wins; the ids and bases of the other are looked at again, and what is stale then is said.
    constexpr int most_attempts = 5;
    for (int attempt = 1;; ++attempt) {
        Preparation preparation{decider, facts, by_server};
        preparation.prepare(changes);
        preparation.check();
        try {
            return preparation.write(dry_run);
        } catch (const contradiction&) {
            if (attempt == most_attempts) throw coded_error("busy", "others write at the same time; try again");
        }
    }
}

bool single_person(const Decider& decider, const Facts& facts, const std::vector<std::string>& authors,
                   Permission right, std::string_view deed) {
    if (std::find(authors.begin(), authors.end(), decider.session.account) == authors.end()) return false;
    if (facts.holders(right) >= 2)
        throw coded_error("forbidden", "another person must " + std::string{deed} + ": you wrote it");
    return true;
}

Approval judge(const Decider& decider, const Facts& facts, const std::string& id, const Digest& digest, bool approved,
               std::string note) {
    const Register records{decider.store, decider.blobs, {facts.now, std::nullopt}};
    const Record& record = existing(records, id);
    const Kind* kind = find_kind(record.kind);
    if (record.deleted() || kind == nullptr) throw coded_error("conflict", id + " is deleted");
    if (!kind->approvable) throw coded_error("conflict", "a record of the kind " + record.kind + " is not approved");
    if (!may(decider.session.role, Permission::approve))
        throw coded_error("forbidden", "approving takes the role approver");
    if (record.last().digest != digest)
        throw coded_error("conflict", "the last version of " + id + " is " + std::to_string(record.last().version) +
                                          " with the digest " + record.last().digest.hex() + "; look at it first");
    if (const Approval* judged = record.judged(); judged != nullptr && judged->approved == approved)
        throw coded_error("conflict",
                          "this version is " + std::string{approved ? "approved" : "rejected"} + " already");
    Approval approval{record.last().version, digest, approved, decider.session.account, facts.now, 0, false,
                      std::move(note)};
    if (approved)
        approval.single_person = single_person(decider, facts, record.authors(), Permission::approve, "approve it");
    if (approval.single_person && kind->two_persons)
        throw coded_error("forbidden",
                          "it takes a second person with the role approver to approve it: a record of the kind " +
                              record.kind + " is not approved by who wrote it, even where nobody else can");
    Documents documents{decider.blobs};
    const Digest document = documents.put_salted({{"id", id},
                                                  {"version", approval.version},
                                                  {"digest", digest.hex()},
                                                  {"note", approval.note},
                                                  {"single_person", approval.single_person}});
    const std::uint64_t follows = record.approvals.empty() ? 0 : record.approvals.back().index;
    try {
        approval.index = decider.log
                             .append({entry_of(decider, "approval", id, approved ? "approved" : "rejected", document,
                                               approval.version, follows, facts.now)})
                             .front();
    } catch (const contradiction&) {
        throw coded_error("conflict", id + " was judged in the meantime; look at it first");
    }
    documents.keep();
    return approval;
}

namespace {

/// Which records refer to one, and where; empty where none does. What is signed off cannot change any more: it goes on
/// naming the id of what is erased.
std::string referrers(const Register& records, const std::string& id) {
    constexpr std::size_t most_told = 10;
    std::string told;
    std::size_t count = 0;
    for (const auto& [other_id, other] : records.all()) {
        const Kind* kind = find_kind(other.kind);
        if (other.deleted() || other_id == id || kind == nullptr || is_final(other)) continue;
        each_value(*other.members, all_fields(*kind),
                   [&, &other_id = other_id](const Field& field, const json& value, const std::string& path) {
                       if (field.type != FieldType::record || value != id || ++count > most_told) return;
                       told += (told.empty() ? "" : ", ") + other_id + " refers to it (" + path + ")";
                   });
    }
    return count > most_told ? told + " and " + std::to_string(count - most_told) + " more" : told;
}

}  // namespace

void erase(const Decider& decider, const std::string& id, const std::string& ground) {
    const Instant now = decider.clock.now();
    const Register records{decider.store, decider.blobs, {now, std::nullopt}};
    const Record& record = existing(records, id);
    if (const Kind* kind = find_kind(record.kind); kind != nullptr && !record.erased)
        if (const std::string why = why_it_stays(*kind, record); !why.empty())
            throw coded_error("forbidden", why + "; erase the person records that it names");
    if (ground.empty()) throw coded_error("schema", "ground: say on what ground it is erased");
    if (const std::string others = referrers(records, id); !others.empty())
        throw coded_error("conflict", others + "; change that first");
    // First what says that it was erased, then the erasing: a crash between the two leaves what a second erase finds.
    if (!record.erased) {
        Documents documents{decider.blobs};
        const Digest document = documents.put_salted({{"erased", id}, {"ground", ground}});
        decider.log.append({entry_of(decider, "deletion", id, "erased", document, std::nullopt, std::nullopt, now)});
        documents.keep();
    }
    const std::set<Digest> others = named_by_others(decider.store, decider.blobs, records, id);
    for (const Digest& digest : named_by(decider.blobs, record))
        if (!others.contains(digest)) decider.blobs.remove(digest);
    for (const Version& version : record.versions) decider.blobs.remove(version.digest);
    for (const Decision& decision : decider.store.all_decisions("approval"))
        if (decision.subject == id) decider.blobs.remove(decision.document);
}

}  // namespace annexa::store::isms
