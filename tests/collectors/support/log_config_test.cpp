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
    const LogForward tcp =
        only(parse_rsyslog("/r", "# c\nauth,authpriv.*\t@@(o)log.example:6514;RSYSLOG_SyslogProtocol23Format\n"));
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
    CHECK(only(parse_rsyslog("/r",
                             "$DefaultNetstreamDriver gtls\n$ActionSendStreamDriverMode 1\n"
                             "$ActionSendStreamDriverAuthMode x509/name\n*.* @@h:6514\n"))
              .tls);
    CHECK(only(parse_rsyslog("/r", "$ActionSendStreamDriver ossl\n$ActionSendStreamDriverMode 1\n*.* @@h\n")).tls);
    CHECK_FALSE(only(parse_rsyslog("/r", "$ActionSendStreamDriverMode 1\n*.* @@h\n")).tls);
    CHECK_FALSE(
        only(parse_rsyslog("/r", "$DefaultNetstreamDriver gtls\n*.* @@h\n$ActionSendStreamDriverMode 1\n")).tls);
    CHECK_FALSE(only(parse_rsyslog("/r", "$DefaultNetstreamDriver gtls\n$ActionSendStreamDriverMode 1\n*.* @h\n")).tls);
}

TEST_CASE("rsyslog: the new syntax, over lines, in blocks and beside selectors") {
    const LogForward forward = only(parse_rsyslog("/r",
                                                  "global(DefaultNetstreamDriver=\"gtls\")\n"
                                                  "if $syslogfacility-text == 'auth' then {\n"
                                                  "  action(type=\"omfwd\" # where to\n    Target=\"h\" port=\"6514\"\n"
                                                  "    protocol=\"tcp\" StreamDriverMode=\"1\"\n"
                                                  "    StreamDriverAuthMode=\"x509/name\")\n  stop\n}\n"));
    CHECK(forward.tls);
    CHECK(forward.target == "h");
    CHECK(forward.authentication == "x509/name");
    CHECK(forward.source == "/r:3");
    CHECK_FALSE(
        only(parse_rsyslog("/r", "*.* action(type=\"omfwd\" target=\"h\" protocol=\"tcp\" StreamDriver=\"gtls\")"))
            .tls);
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
    const std::string text =
        "@version: 3.38\nsource s { system(); };\n"
        "destination d_tls { network(\"h\" port(6514) transport(\"tls\") tls(ca-dir(\"/c\") "
        "peer-verify(required-trusted))); };\n"
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
    CHECK(only(parse_syslog_ng(
                   "/s",
                   "destination d { udp(\"h\" port(514)); };\nlog { source(s); if { } else { destination(d); }; };"))
              .protocol == "udp");
    const LogForward included =
        only(parse_syslog_ng("/s", "@include \"/d/*.conf\"\nlog { destination(d); };", [](std::string_view) {
            return std::vector<std::pair<std::string, std::string>>{
                {"/d/a.conf", "destination d { http(url(\"https://h/x\")); };"}};
        }));
    CHECK(included.tls);
    CHECK(included.source == "/d/a.conf:1");
    CHECK_THROWS_WITH(parse_syslog_ng("/s", "log { destination(d);"), Catch::Contains("no closing }"));
}

TEST_CASE("rsyslog: which messages of security a forward takes") {
    struct Case {
        const char* text;
        std::optional<bool> auth, authpriv;
    };
    const std::optional<bool> unknown;
    const auto [text, auth, authpriv] = GENERATE_COPY(values<Case>({
        {"*.* @@h", true, true},
        {"*.info @@h", true, true},
        {"*.notice @@h", false, false},
        {"*.=info @@h", false, false},
        {"*.*;auth.none @@h", false, true},
        {"auth,authpriv.*\t@@h", true, true},
        {"security.* @@h", true, false},
        {"local7.none @@h", false, false},
        {"mail.* @@h", false, false},
        {"*.none @@h", false, false},
        {"*.*;authpriv.!err @@h", true, false},
        {"*.debug;*.!=debug @@h", true, true},
        {"nonsense.* @@h", unknown, unknown},
        {":msg, contains, \"x\" @@h", unknown, unknown},
        {":msg, contains, \"x\" stop\n*.* @@h", unknown, unknown},
        {":msg, contains, \"x\" /var/log/x\n*.* @@h", true, true},
        {":msg, contains, \"x\" /var/log/x\n*.* stop\n*.* @@h", false, false},
        {"mail.* stop\n*.* @@h", true, true},
        {"auth.* /x\n& stop\n*.* @@h", false, true},
        {"auth.* ~\n*.* @@h", false, true},
        {"action(type=\"omfile\" file=\"/x\")\n& stop\n*.* @@h", false, false},
        {"if $syslogfacility-text == 'auth' then @@h", true, false},
        {"if $syslogfacility-text == [\"auth\", \"authpriv\"] and $syslogseverity <= 6 then { action(type=\"omfwd\" "
         "target=\"h\") }",
         true, true},
        {"if $syslogseverity < 6 then @@h", false, false},
        {"if not ($syslogfacility == 4) then @@h", false, true},
        {"if prifilt(\"authpriv.info\") then @@h", false, true},
        {"if $fromhost-ip == '127.0.0.1' then @@h", true, true},
        {"if $msg contains 'x' or 1 then @@h", true, true},
        {"if $msg contains 'x' then { stop } else { @@h\n}", unknown, unknown},
        {"if $syslogfacility-text == 'mail' then { stop } else { @@h\n}", true, true},
        {"if re_match($msg, \"a|b\") then @@h", unknown, unknown},
        {"ruleset(name=\"r\") { @@h\n}", false, false},
        {"ruleset(name=\"r\") { *.* @@h\n}\nauth.* call r", true, false},
        {"ruleset(name=\"r\") { stop }\ncall r\n*.* @@h", unknown, unknown},
        {"$RuleSet remote\n*.* @@h", false, false},
        {"$RuleSet remote\n*.* @@h\n$DefaultRuleset remote", true, true},
        {"*.* action(type=\"omfwd\" target=\"h\" action.execOnlyWhenPreviousIsSuspended=\"on\")", unknown, unknown},
        {"foreach ($.x in $!y) do { @@h\n}", unknown, unknown},
        {"set $.x = \"a; b\";\n*.* @@h", true, true},
        {"template(name=\"t\" type=\"list\") { constant(value=\"@@x\") property(name=\"msg\") }\n*.* @@h;t", true,
         true},
        {"*.emerg root,joe\n*.* @@h", true, true},
        {"!sshd\n*.* @@h", unknown, unknown},
        {"*.emerg :omusrmsg:*\n*.* @@h", true, true},
    }));
    INFO(text);
    const LogForward forward = only(parse_rsyslog("/r", "module(load=\"imuxsock\")\n" + std::string{text}));
    CHECK(forward.takes.takes(false) == auth);
    CHECK(forward.takes.takes(true) == authpriv);
}

TEST_CASE("rsyslog: without an input of local messages nothing of them is sent") {
    const auto takes = [](const std::string& text, bool journal_forwards = true) {
        return only(parse_rsyslog("/r", text + "\n*.* @@h\n", {}, journal_forwards)).takes.takes(false);
    };
    CHECK(takes("") == false);
    CHECK(takes("input(type=\"imtcp\" port=\"514\")") == false);
    CHECK(takes("$ModLoad imuxsock.so") == true);
    CHECK(takes("$ModLoad imuxsock", false) == false);
    CHECK(takes("$ModLoad imuxsock\n$OmitLocalLogging on") == false);
    CHECK(takes("module(load=\"imuxsock\" SysSock.Use=\"off\")") == false);
    CHECK(takes("module(load=\"imuxsock\" SysSock.Use=\"off\")\nmodule(load=\"imjournal\")", false) == true);
}

TEST_CASE("rsyslog: rulesets that call each other come to an end") {
    CHECK_THROWS_WITH(parse_rsyslog("/r", "foreach!"),
                      Catch::Contains("expected an action"));  // found by fuzzing: it never ended
    CHECK_THROWS_WITH(parse_rsyslog("/r", "ruleset(name=\"a\") { call b }\nruleset(name=\"b\") { call a }\ncall a"),
                      Catch::Contains("too deeply"));
    std::string text = "module(load=\"imuxsock\")\n";
    for (int i = 0; i < 15; ++i) {
        text += "ruleset(name=\"r" + std::to_string(i) + "\") {";
        for (int j = 0; j < 8; ++j) text += " call r" + std::to_string(i + 1) + "\n";
        text += "}\n";
    }
    CHECK_THROWS_WITH(parse_rsyslog("/r", text + "call r0\n"), Catch::Contains("too often"));
    CHECK_THROWS_WITH(parse_rsyslog("/r", "if " + std::string(100000, '(')), Catch::Contains("too deeply"));
}

TEST_CASE("syslog-ng: which messages of security a destination takes") {
    struct Case {
        const char* path;
        std::optional<bool> auth, authpriv;
    };
    const std::optional<bool> unknown;
    const auto [path, auth, authpriv] = GENERATE_COPY(values<Case>({
        {"log { source(s); destination(d); };", true, true},
        {"log { source(net); destination(d); };", false, false},
        {"log { source(other); destination(d); };", unknown, unknown},
        {"log { source(s); filter(f_auth); destination(d); };", true, true},
        {"log { source(s); filter(f_mail); destination(d); };", false, false},
        {"log { source(s); filter(f_err); destination(d); };", false, false},
        {"log { source(s); filter(f_text); destination(d); };", unknown, unknown},
        {"log { source(s); filter { facility(auth); }; destination(d); };", true, false},
        {"log { source(s); filter { facility(auth) or facility(authpriv); }; destination(d); };", true, true},
        {"log { source(s); filter { not facility(auth); }; destination(d); };", unknown, unknown},
        {"log { source(s); filter(f_auth); flags(final); };\nlog { source(s); destination(d); };", false, false},
        {"log { source(s); filter(f_mail); flags(final); };\nlog { source(s); destination(d); };", true, true},
        {"log { source(s); if (facility(auth)) { destination(d); }; };", unknown, unknown},
        {"log { source(s); log { filter(f_mail); destination(d); }; };", false, false},
    }));
    INFO(path);
    const LogForward forward = only(parse_syslog_ng(
        "/s",
        "source s { system(); internal(); };\nsource net { network(port(514)); };\ndestination d { tcp(\"h\"); };\n"
        "filter f_auth { facility(auth, authpriv) and level(debug..emerg); };\nfilter f_mail { facility(mail); };\n"
        "filter f_err { level(err..emerg); };\nfilter f_text { match(\"x\" value(\"MESSAGE\")); };\n" +
            std::string{path}));
    CHECK(forward.takes.takes(false) == auth);
    CHECK(forward.takes.takes(true) == authpriv);
}
