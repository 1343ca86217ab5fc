// Controls as libpam reads them, and the ways through a stack as pam_dispatch.c goes them.
#include "collectors/support/pam_walk.hpp"

#include <catch2/catch.hpp>

using namespace annexa::collectors;
using namespace annexa::collectors::pam;

namespace {

Stack stack_of(const std::string& text, const std::map<std::string, std::string>& others = {}) {
    const auto services =
        read_services({.file = [&](std::string_view path) -> std::optional<File> {
                           if (path == "/etc/pam.d/app") return File{std::string{path}, text};
                           const auto found = others.find(std::string{path.substr(path.rfind('/') + 1)});
                           if (found == others.end() || path.substr(0, 11) != "/etc/pam.d/") return std::nullopt;
                           return File{std::string{path}, found->second};
                       },
                       .folder = [](std::string_view path) -> std::optional<std::vector<std::string>> {
                           if (path != "/etc/pam.d") return std::nullopt;
                           return std::vector<std::string>{"app"};
                       }});
    return services.at("app").at("auth");
}

// Whether the stack lets in somebody whose password pam_unix found wrong, and whether it can let in one whose was
// right.
std::pair<bool, bool> verdict(const Stack& stack) {
    bool wrong = false, right = false;
    for (const auto& way : walk(stack, "auth", [](const Rule&rule, Answer answer, Facts facts) {
             return rule.module == "pam_unix.so" ? facts | (answer == success ? 2U : 1U) : facts;
         })) {
        wrong = wrong || (way.passes && (way.facts & 1U) != 0 && (way.facts & 2U) == 0);
        right = right || (way.passes && (way.facts & 2U) != 0);
    }
    return {wrong, right};
}

}  // namespace

TEST_CASE("controls are read as libpam reads them") {
    CHECK(parse_control("REQUIRED")[auth_err] == bad);
    CHECK(parse_control("required")[ignored] == ignore);
    CHECK(parse_control("requisite")[auth_err] == die);
    CHECK(parse_control("sufficient")[success] == done);
    CHECK(parse_control("sufficient")[auth_err] == ignore);
    CHECK(parse_control("optional")[new_authtok_reqd] == ok);
    CHECK(parse_control("success=2 default=ignore")[success] == 2);
    CHECK(parse_control("success=2 default=ignore")[auth_err] == ignore);
    CHECK(parse_control("default=ignore success=2")[success] == 2);
    CHECK(parse_control(" success = ok ")[auth_err] == bad);
    CHECK(parse_control("success=done new_authtok_reqd=done authinfo_unavail=ignore default=die")[authinfo_unavail] ==
          ignore);
    for (const std::string nonsense :
         {"success=0", "success", "success=maybe", "succes=ok", "=ok", "success=ok nothing"}) {
        INFO(nonsense);
        CHECK(parse_control(nonsense)[success] == bad);
    }
}

TEST_CASE("stacks decide as pam_dispatch.c does") {
    struct Expected {
        std::string text;
        bool wrong, right;
    };
    const Expected table[] = {
        {"auth required pam_unix.so\n", false, true},
        {"auth required pam_unix.so\nauth required pam_permit.so\n", false, true},
        {"auth optional pam_unix.so\nauth required pam_permit.so\n", true, true},
        {"auth sufficient pam_unix.so\nauth required pam_deny.so\n", false, true},
        {"auth sufficient pam_unix.so\nauth required pam_permit.so\n", true, true},
        {"auth [success=1 default=ignore] pam_unix.so\nauth requisite pam_deny.so\nauth required pam_permit.so\n",
         false, true},
        {"auth [success=2 default=ignore] pam_unix.so\nauth requisite pam_deny.so\nauth required pam_permit.so\n",
         false, false},
        {"auth [success=1 default=ignore] pam_unix.so\nauth required pam_permit.so\n", true, false},
        {"auth required pam_unix.so\nauth [default=reset] pam_deny.so\nauth required pam_permit.so\n", true, true},
        {"auth required pam_deny.so\nauth sufficient pam_unix.so\n", false, false},
        {"auth requisite pam_unix.so\nauth sufficient pam_permit.so\nauth required pam_deny.so\n", false, true},
        {"auth substack deep\nauth required pam_permit.so\n", true, true},
        {"auth include deep\nauth required pam_permit.so\n", false, true},
        {"auth required pam_unix.so\nauth\n", false, false},
    };
    for (const auto& expected : table) {
        INFO(expected.text);
        // In a substack `die` ends the substack alone, and what follows can still not turn it good: the impression
        // stays.
        const std::map<std::string, std::string> others{
            {"deep", "auth [success=done default=ignore] pam_unix.so\nauth [default=reset] pam_deny.so\n"}};
        const bool substack = expected.text.find("substack") != std::string::npos;
        const std::map<std::string, std::string> included{{"deep", "auth requisite pam_unix.so\n"}};
        CHECK(verdict(stack_of(expected.text, substack ? others : included)) ==
              std::pair{expected.wrong, expected.right});
    }
}

TEST_CASE("die in a substack ends the substack, and its verdict stays") {
    const Stack stack = stack_of("auth substack deep\nauth sufficient pam_permit.so\n",
                                 {{"deep", "auth requisite pam_unix.so\nauth required pam_deny.so\n"}});
    CHECK(verdict(stack) == std::pair{false, false});
}
