#include "collectors/support/log_config.hpp"

#include "collectors/host.hpp"

#include <catch2/catch.hpp>

using namespace annexa::collectors;

namespace {
LogForward only(std::vector<LogForward> forwards) {
    REQUIRE(forwards.size() == 1);
    return forwards[0];
}
}  // namespace

TEST_CASE("rsyslog: the old syntax") {
    CHECK(only(parse_rsyslog("/r", "*.* @log.example")).protocol == "udp");
    const LogForward tcp = only(parse_rsyslog("/r", "# c\nauth,authpriv.*\t@@(o)log.example:6514;RSYSLOG_SyslogProtocol23Format\n"));
    CHECK(tcp.protocol == "tcp");
    CHECK(tcp.target == "log.example");
    CHECK(tcp.port == "6514");
    CHECK_FALSE(tcp.tls);
    CHECK(tcp.source == "/r:2");
    CHECK(only(parse_rsyslog("/r", "*.* @@[2001:db8::1]:514")).target == "2001:db8::1");
    CHECK(only(parse_rsyslog("/r", ":msg, contains, \"user@host\" @@h")).target == "h");
    CHECK(only(parse_rsyslog("/r", "*.* :omrelp:h:20514")).protocol == "relp");
}

TEST_CASE("rsyslog: TLS in the old syntax needs driver and mode before the action") {
    CHECK(only(parse_rsyslog("/r", "$DefaultNetstreamDriver gtls\n$ActionSendStreamDriverMode 1\n"
                                   "$ActionSendStreamDriverAuthMode x509/name\n*.* @@h:6514\n")).tls);
    CHECK(only(parse_rsyslog("/r", "$ActionSendStreamDriver ossl\n$ActionSendStreamDriverMode 1\n*.* @@h\n")).tls);
    CHECK_FALSE(only(parse_rsyslog("/r", "$ActionSendStreamDriverMode 1\n*.* @@h\n")).tls);
    CHECK_FALSE(only(parse_rsyslog("/r", "$DefaultNetstreamDriver gtls\n*.* @@h\n$ActionSendStreamDriverMode 1\n")).tls);
    CHECK_FALSE(only(parse_rsyslog("/r", "$DefaultNetstreamDriver gtls\n$ActionSendStreamDriverMode 1\n*.* @h\n")).tls);
}

TEST_CASE("rsyslog: the new syntax, over lines, in blocks and beside selectors") {
    const LogForward forward = only(parse_rsyslog("/r", "global(DefaultNetstreamDriver=\"gtls\")\n"
                                                        "if $syslogfacility-text == 'auth' then {\n"
                                                        "  action(type=\"omfwd\" # where to\n    Target=\"h\" port=\"6514\"\n"
                                                        "    protocol=\"tcp\" StreamDriverMode=\"1\"\n"
                                                        "    StreamDriverAuthMode=\"x509/name\")\n  stop\n}\n"));
    CHECK(forward.tls);
    CHECK(forward.target == "h");
    CHECK(forward.authentication == "x509/name");
    CHECK(forward.source == "/r:3");
    CHECK_FALSE(only(parse_rsyslog("/r", "*.* action(type=\"omfwd\" target=\"h\" protocol=\"tcp\" StreamDriver=\"gtls\")")).tls);
    CHECK(only(parse_rsyslog("/r", "action(type=\"omrelp\" target=\"h\" port=\"1\" tls=\"on\")")).tls);
    CHECK(only(parse_rsyslog("/r", "action(type=\"omfwd\" target=\"h\")")).protocol == "udp");
}

TEST_CASE("rsyslog: what only looks like forwarding is none") {
    const auto text = GENERATE("# *.* @@h", "/* *.* @@h */", "*.* /var/log/x", "action(type=\"omfile\" file=\"/x\")",
                               "$template t,\"<%pri%> @@h\"\n", "input(type=\"imtcp\" port=\"514\")",
                               "*.* action(type=\"ompipe\" pipe=\"@@h\")");
    INFO(text);
    CHECK(parse_rsyslog("/r", text).empty());
}

TEST_CASE("rsyslog: included files are read where they stand, both ways") {
    const ReadIncluded include = [](std::string_view pattern) {
        return std::vector<std::pair<std::string, std::string>>{{std::string{pattern}, "*.* @@h\n"}};
    };
    CHECK(only(parse_rsyslog("/r", "$IncludeConfig /d/*.conf\n", include)).source == "/d/*.conf:1");
    CHECK(only(parse_rsyslog("/r", "include(file=\"/e\")\n", include)).source == "/e:1");
    const ReadIncluded endless = [](std::string_view) {
        return std::vector<std::pair<std::string, std::string>>{{"/r", "$IncludeConfig /r\n"}};
    };
    CHECK_THROWS_WITH(parse_rsyslog("/r", "$IncludeConfig /r\n", endless), Catch::Contains("too many nested includes"));
}

TEST_CASE("rsyslog: an object that never ends is refused with its line") {
    CHECK_THROWS_WITH(parse_rsyslog("/r", "\naction(type=\"omfwd\"\n"), Catch::Contains("/r:2: an object without"));
    CHECK_THROWS_WITH(parse_rsyslog("/r", "action(type=\"omfwd)\n"), Catch::Contains("/r:1: a text without"));
}

TEST_CASE("syslog-ng: destinations that a log path uses") {
    const std::string text = "@version: 3.38\nsource s { system(); };\n"
                             "destination d_tls { network(\"h\" port(6514) transport(\"tls\") tls(ca-dir(\"/c\") peer-verify(required-trusted))); };\n"
                             "destination d_unused { udp(\"x\"); };\ndestination d_file { file(\"/var/log/x\"); };\n"
                             "log { source(s); destination(d_tls); destination(d_file); };\n";
    const LogForward forward = only(parse_syslog_ng("/s", text));
    CHECK(forward.tls);
    CHECK(forward.target == "h");
    CHECK(forward.port == "6514");
    CHECK(forward.authentication == "required-trusted");
    CHECK(forward.source == "/s:3");
}

TEST_CASE("syslog-ng: plain ways, blocks within log, included files") {
    CHECK_FALSE(only(parse_syslog_ng("/s", "log { source(s); destination { syslog(\"h\" transport(tcp)); }; };")).tls);
    CHECK(only(parse_syslog_ng("/s", "destination d { udp(\"h\" port(514)); };\nlog { source(s); if { } else { destination(d); }; };")).protocol == "udp");
    const LogForward included = only(parse_syslog_ng("/s", "@include \"/d/*.conf\"\nlog { destination(d); };", [](std::string_view) {
        return std::vector<std::pair<std::string, std::string>>{{"/d/a.conf", "destination d { http(url(\"https://h/x\")); };"}};
    }));
    CHECK(included.tls);
    CHECK(included.source == "/d/a.conf:1");
    CHECK_THROWS_WITH(parse_syslog_ng("/s", "log { destination(d);"), Catch::Contains("no closing }"));
}
