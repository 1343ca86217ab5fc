// How rpm compares versions (rpmvercmp of rpmio/rpmvercmp.c, and epoch:version-release).
#pragma once

#include <string_view>

namespace annexa::collectors {

/// Below zero where `a` is older, above where it is newer. Digits and letters alternate as segments, ~ sorts before all
/// and ^ after what it follows.
int compare_rpm_segments(std::string_view a, std::string_view b);

/// The same of [EPOCH:]VERSION-RELEASE, in this order; no epoch is 0.
int compare_rpm_versions(std::string_view a, std::string_view b);

}  // namespace annexa::collectors
