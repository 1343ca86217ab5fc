// Records that end in a frozen document (an audit's report, a review's minutes): once it is made the record stays as it
// is, unless the document is taken back; once a person approved a version with it, for ever.
#pragma once

#include "server-stub/isms/kind.hpp"

namespace annexa::store::isms {

/// `member` is the computed group that names the document, with the version that it came with.
bool signed_off(const Record& record, std::string_view member);

/// Whether a record of any kind is final: its document is signed off.
bool is_final(const Record& record);

/// Why a record is neither deleted nor erased; empty where it may go. What was found or stated stays findable.
std::string why_it_stays(const Kind& kind, const Record& record);

/// False where a change touches what is final; then a problem says so.
bool keeps_what_is_final(const Draft& draft, std::string_view member, std::vector<Problem>& problems);

}  // namespace annexa::store::isms
