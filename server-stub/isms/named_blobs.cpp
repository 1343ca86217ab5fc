#include "server-stub/isms/named_blobs.hpp"

#include "evidence/errors.hpp"
#include "server-stub/isms/kind.hpp"
#include "server-stub/isms/values.hpp"
#include "server-stub/storage/blobs.hpp"
#include "server-stub/storage/store.hpp"

#include <nlohmann/json.hpp>

namespace annexa::store::isms {
namespace {

using nlohmann::json;

/// A pack is a listing {path: digest} and the files.
void add_pack(std::set<Digest>& named, const Blobs& blobs, const Digest& pack) {
    const std::optional<std::string> listing = blobs.get(pack);
    if (!listing) return;
    const json paths = json::parse(*listing, nullptr, false);
    if (!paths.is_object()) return;
    for (const auto& [path, digest] : paths.items())
        if (digest.is_string()) named.insert(Digest::from_hex(digest.get<std::string>()));
}

}  // namespace

std::set<Digest> named_by(const Blobs& blobs, const Record& record) {
    std::set<Digest> named;
    const Kind* kind = find_kind(record.kind);
    if (kind == nullptr) return named;
    const std::vector<Field> fields = all_fields(*kind);
    for (const Version& version : record.versions)
        if (const std::optional<json> members = read_version(blobs, version))
            each_value(*members, fields, [&](const Field& field, const json& value, const std::string&) {
                if (field.is(flag::frozen)) named.insert(Digest::from_hex(value.get<std::string>()));
            });
    return named;
}

std::set<Digest> named_by_others(const Store& store, const Blobs& blobs, const Register& records,
                                 std::string_view but) {
    std::set<Digest> named;
    for (const auto& [digest, bytes] : store.held()) named.insert(digest);
    for (const char* kind : {"adoption", "waiver", "acknowledgement", "account", "record", "approval", "deletion"}) {
        for (const Decision& decision : store.all_decisions(kind)) {
            named.insert(decision.document);
            if (std::string_view{kind} == "adoption") add_pack(named, blobs, decision.document);
        }
    }
    for (const auto& [id, record] : records.all())
        if (id != but && !record.erased) named.merge(named_by(blobs, record));
    return named;
}

}  // namespace annexa::store::isms
