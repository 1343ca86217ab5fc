// What libapt-pkg makes of the indexes on disk: the updates that its policy would install, and how many packages each
// index holds. No solver, no network, no program, nothing written but links in a folder of ours.
//
// libapt-pkg does what configuration tells it: runs programs, asks dpkg, follows links, keeps caches. So it never sees
// the host's configuration. It gets one of ours into which only listed keys are copied, and a folder of ours whose
// links lead to files that Files opened: nothing in an image can lead it out of the image or make it start anything.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace annexa::collectors {

class AptConfig;
class Files;

struct AptUpdate {
    std::string name, architecture;
    std::string source;  // source package of the installed version
    std::string installed_version;
    std::string candidate_version;  // what apt's policy would install; the installed one where pins keep it
    std::string security_version;   // the newest newer version in a security archive; empty where there is none
    std::string origin, label, suite, codename,
        site;  // of the archive that offers security_version, else the candidate
    bool held = false;
};

/// An installed version that no index offers.
struct AptStranger {
    std::string name, architecture, version;
    std::string newest;  // the newest version of this package that an index offers; empty where none offers any
    bool newer = false;  // than each that is offered
};

struct AptCacheView {
    std::vector<AptUpdate> updates;  // every installed package with a newer candidate or security_version
    std::vector<AptStranger> strangers;
    std::map<std::string, std::int64_t> packages;  // name in the lists folder → packages in that index
};

/// Architectures: the host's own first. Throws host_error(malformed_source) with libapt-pkg's words.
AptCacheView read_apt_cache(Files& files, const AptConfig& config, const std::vector<std::string>& architectures);

}  // namespace annexa::collectors
