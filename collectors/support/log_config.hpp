// Where rsyslog and syslog-ng send what they receive: the forwarding actions of their configurations, whether over TLS,
// and whether the host's own security messages reach them.
//
// rsyslog: both syntaxes, mixed as they may be (`*.* @@host`, `$ActionSendStreamDriver…`, `action(type="omfwd" …)`),
// its includes, and the way of a message through filters, `stop`, `call` and rulesets. syslog-ng: destinations that a
// log path uses, with the path's sources and filters.
#pragma once

#include "collectors/support/log_selection.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace annexa::collectors {

struct LogForward {
    std::string protocol;  // udp, tcp, relp, http, or the output's own name where it is another (omkafka)
    std::string target{};
    std::string port{};  // as written, or the protocol's own
    bool tls = false;
    std::string
        authentication{};  // how the peer is known: x509/name, x509/certvalid, anon, required-trusted; empty: not said
    std::string source{};
    LogSelection takes{};     // of the messages that this host makes itself
    std::string condition{};  // what stands before it: a selector, "a condition at PATH:LINE"; empty: nothing
};

/// Files that a pattern names (an include), in order: path and text.
using ReadIncluded = std::function<std::vector<std::pair<std::string, std::string>>(std::string_view pattern)>;

/// Each throws host_error(malformed_source, "PATH:LINE: what") for what the program itself would not start with.
/// `journal_forwards`: whether what a host logs through systemd-journald reaches /dev/log's other readers
/// (ForwardToSyslog).
std::vector<LogForward> parse_rsyslog(std::string_view path, std::string_view text, const ReadIncluded& include = {},
                                      bool journal_forwards = true);
std::vector<LogForward> parse_syslog_ng(std::string_view path, std::string_view text, const ReadIncluded& include = {});

}  // namespace annexa::collectors
