// What libssl would take from openssl.cnf for every program.
#include "collectors/support/openssl_config.hpp"

#include "collectors/machine.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>

using namespace annexa;
using namespace annexa::collectors;

namespace {

std::string minimum(const std::string& text) {
    const tests::TemporaryFolder folder;
    folder.write("root/etc/openssl.cnf", text);
    folder.write("root/etc/more/a.cnf", "[d]\nMinProtocol = TLSv1.3\n");
    const auto machine = fixture_machine(folder.path().string());
    Host host = machine->host();
    const auto section = openssl_system_default(read_openssl_config(host.files, "/etc/openssl.cnf"));
    const auto found = section.find("MinProtocol");
    return found == section.end() ? "" : found->second.value + " " + found->second.source;
}

const std::string chain = "openssl_conf = i\n[i]\nssl_conf = s\n[s]\nsystem_default = d\n";

}  // namespace

TEST_CASE("openssl.cnf: the section that is named decides, by its last assignment") {
    CHECK(minimum(chain + "[d]\nMinProtocol = TLSv1 # old\nMinProtocol=TLSv1.2\n") == "TLSv1.2 /etc/openssl.cnf:8");
    CHECK(minimum("[d]\nMinProtocol = TLSv1\n").empty());
    CHECK(minimum("x = d\n" + chain + "[ d ]\n  MinProtocol \\\n = \"TLSv1.1\"\n") == "TLSv1.1 /etc/openssl.cnf:8");
    CHECK(minimum("v = TLSv1.1\n" + chain + "[d]\nMinProtocol = ${v}\n") == "TLSv1.1 /etc/openssl.cnf:8");
    CHECK(minimum(chain + "[e]\nv = TLSv1.1\n[d]\nMinProtocol = $e::v\n") == "TLSv1.1 /etc/openssl.cnf:9");
    CHECK(minimum(chain + "[d]\nMinProtocol = $(none)x\n") == "x /etc/openssl.cnf:7");
    CHECK(minimum(chain + "d::MinProtocol = TLSv1\n") == "TLSv1 /etc/openssl.cnf:6");
    CHECK(minimum(chain + "[d]\nMinProtocol = TLSv1\n.include /etc/more\n") == "TLSv1.3 /etc/more/a.cnf:2");
    CHECK(minimum(chain + "[d]\n.include = /etc/more/a.cnf\nMinProtocol = TLSv1\n") == "TLSv1 /etc/openssl.cnf:8");
    CHECK(minimum(chain + "[d]\n.include /etc/none.cnf\n.pragma abspath:true\n").empty());
}

TEST_CASE("openssl.cnf: what OpenSSL refuses, or never ends, is an error") {
    CHECK_THROWS_AS(minimum("[d\n"), host_error);
    CHECK_THROWS_AS(minimum("word\n"), host_error);
    CHECK_THROWS_AS(minimum(".include more\n"), host_error);
    CHECK_THROWS_AS(minimum(".include /etc/openssl.cnf\n"), host_error);
}
