// What still names a blob: what one record lets go of may be another's, or the store's own.
#pragma once

#include "server-stub/isms/record.hpp"

#include <set>
#include <string_view>

namespace annexa::store::isms {

/// Digests that record `but` alone does not decide over: tables of hosts, documents of decisions, packs and their
/// files, and what other records that were not erased name, in any of their versions, as a frozen document or a file.
std::set<Digest> named_by_others(const Store& store, const Blobs& blobs, const Register& records, std::string_view but);

/// The digests of frozen documents and files that the versions of a record name.
std::set<Digest> named_by(const Blobs& blobs, const Record& record);

}  // namespace annexa::store::isms
