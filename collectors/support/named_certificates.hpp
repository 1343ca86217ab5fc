// Which files of certificates the configurations of services name: what a service shows to those who come, and what it
// shows where it goes itself. Authorities that it trusts are not among them.
//
// A service whose program is not there has no configuration: what a package left behind is used by nobody. Conditions
// (IfModule, IfDefine) are not weighed: what stands within one is named.
#pragma once

#include "collectors/host.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace annexa::collectors {

struct NamedCertificate {
    std::string service;   // nginx, apache, haproxy, postfix, dovecot, postgresql
    std::string path;      // absolute; as written where it cannot be told
    std::string source;    // file and line that name it
    bool resolved = true;  // false: a variable in it has a value only while the service runs
};

/// Each throws host_error (malformed_source) where includes are nested without end or name what is not there.
std::vector<NamedCertificate> nginx_certificates(Files& files);
std::vector<NamedCertificate> apache_certificates(Files& files);
std::vector<NamedCertificate> haproxy_certificates(Files& files);
std::vector<NamedCertificate> postfix_certificates(Files& files);
std::vector<NamedCertificate> dovecot_certificates(Files& files);
std::vector<NamedCertificate> postgresql_certificates(Files& files);

/// What the parsers of one configuration share: how many files it may be spread over, and how deep.
class IncludeBudget {
  public:
    /// Throws host_error (malformed_source) where there is no end to it.
    void take(std::string_view path, int depth);
    static std::string place(std::string_view path, std::size_t line);

  private:
    int files_ = 0;
};

/// Whether one of these programs is installed.
bool any_installed(Files& files, const std::vector<std::string_view>& programs);

/// `path` as it is, or below `folder` where it is relative.
std::string absolute_path(std::string_view path, std::string_view folder);

}  // namespace annexa::collectors
