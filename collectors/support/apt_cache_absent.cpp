// Instead of apt_cache.cpp where libapt-pkg was not there when annexa was built.
#include "collectors/host.hpp"
#include "collectors/support/apt_cache.hpp"

namespace annexa::collectors {

AptCacheView read_apt_cache(Files&, const AptConfig&, const std::vector<std::string>&) {
    throw host_error{evidence::Reason::unsupported_format,
                     "this build of annexa has no libapt-pkg: what updates wait on a Debian host cannot be known"};
}

}  // namespace annexa::collectors
