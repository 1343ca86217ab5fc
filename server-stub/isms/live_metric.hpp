// What an objective can be measured by in live data (6.2): a number, computed the same whenever it is asked for.
#pragma once

#include "evidence/instant.hpp"

#include <string>
#include <string_view>

namespace annexa::store {
struct Server;
}

namespace annexa::store::isms {

/// The words of the member `live`, in order:
///   controls_effective, controls_not_effective   of the 93 of Annex A
///   findings_open, findings_overdue              on hosts in scope, waived ones left out; of one check or of all
///   hosts_fresh_percent                          of hosts in scope, those of which every check was told in time
///   hosts_passing_percent                        of hosts to which a check applies, those that pass it
inline constexpr std::string_view live_metrics[] = {"controls_effective",  "controls_not_effective",
                                                    "findings_open",       "findings_overdue",
                                                    "hosts_fresh_percent", "hosts_passing_percent"};

/// Whether it is of one check alone.
bool needs_check(std::string_view metric);

/// `check`: id, or empty for all. What is unknown is no pass. Throws coded_error `conflict` where there is nothing to
/// measure: no host in scope, or none to which the check applies.
double measure(Server& server, std::string_view metric, const std::string& check, evidence::Instant now);

}  // namespace annexa::store::isms
