// OpenSSL's configuration (config(5ssl)): sections, $variables, .include; what libssl takes from it for every program.
#pragma once

#include "collectors/host.hpp"

#include <map>
#include <string>
#include <string_view>

namespace annexa::collectors {

struct OpensslSetting {
    std::string value;
    std::string source;  // file and line
};

/// Assignments by section and name; `default` is what stands before the first section. The last one wins.
using OpensslConfig = std::map<std::string, std::map<std::string, OpensslSetting, std::less<>>, std::less<>>;

/// With all that it includes, below the host's root. Empty where the file is not there; throws host_error
/// (malformed_source) where includes have no end or a line is no assignment.
OpensslConfig read_openssl_config(Files& files, std::string_view path);

/// The section that SSL_CTX_new() applies (SSL_CONF_cmd(3)): openssl_conf names one whose ssl_conf names one whose
/// system_default names it. Empty where that chain breaks off.
std::map<std::string, OpensslSetting, std::less<>> openssl_system_default(const OpensslConfig& config);

}  // namespace annexa::collectors
