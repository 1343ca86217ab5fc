// Controls as records name them: those of Annex A and the organization's own, and what rests on one.
#pragma once

#include "server-stub/isms/kind.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace annexa::store::isms {

/// Of Annex A, or one's own: one that a row of the Statement of Applicability names.
bool is_control(const Register& records, std::string_view control);

/// The row of the Statement of Applicability about a control; nullptr where nothing is decided.
const Record* row_of(const Register& records, std::string_view control);

/// Whether its row says that it does not apply.
bool is_excluded(const Register& records, std::string_view control);

/// Ids of what would stand on nothing if the control were excluded: risks that are open, treatments of these, and
/// obligations that bind, whose `controls` name it.
std::vector<std::string> rests_on(const Register& records, std::string_view control, Instant now);

/// The problems of a member `controls` of lines: controls that nobody knows, or that are excluded. Appends.
void check_controls(const Draft& draft, const Register& records, std::vector<Problem>& problems);

/// "Access control" of A.5.15; of one's own the title of its row; empty where there is none.
std::string control_title(const Register& records, std::string_view control);

}  // namespace annexa::store::isms
