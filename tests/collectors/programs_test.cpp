#include "collectors/live_programs.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>

using namespace annexa;
using namespace annexa::collectors;
using namespace std::chrono_literals;

TEST_CASE("only sshd's test mode may be started") {
    CHECK(is_permitted("/usr/sbin/sshd", {"-T"}));
    CHECK(is_permitted("/usr/sbin/sshd", {"-T", "-C", "user=root,host=x,addr=127.0.0.1"}));
    CHECK_FALSE(is_permitted("/usr/sbin/sshd", {}));
    CHECK_FALSE(is_permitted("/usr/sbin/sshd", {"-D"}));
    CHECK_FALSE(is_permitted("/usr/sbin/sshd", {"-T", "-f", "/tmp/x"}));
    CHECK_FALSE(is_permitted("/usr/sbin/sshd", {"-T", "-C"}));
    CHECK_FALSE(is_permitted("/bin/sh", {"-T"}));
    SourceLog sources;
    LivePrograms programs{sources};
    CHECK_THROWS_AS(programs.run("/bin/sh", {"-c", "true"}), host_error);
    CHECK(sources.sources().empty());
}

TEST_CASE("a program has a clean environment, no input and nobody's descriptors") {
    ::setenv("ANNEXA_LEAK", "1", 1);
    const ProgramOutput found = run_program(
        "/bin/sh", {"-c", "env | sort | grep -v ^PWD=; cat; ls /proc/self/fd | wc -w; echo oops >&2; exit 3"}, 10s,
        1 << 16);
    ::unsetenv("ANNEXA_LEAK");
    CHECK(found.exit_status == 3);
    CHECK(found.errors == "oops\n");
    CHECK(found.output.find("LEAK") == std::string::npos);
    CHECK(found.output.find("LC_ALL=C\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\n") == 0);
    CHECK(found.output.ends_with("\n4\n"));  // 0, 1, 2 and the folder itself
}

TEST_CASE("a program that hangs, floods, dies or is not there is an error") {
    CHECK_THROWS_WITH(run_program("/bin/sh", {"-c", "sleep 100"}, 100ms, 100), "/bin/sh: did not end in time");
    CHECK_THROWS_WITH(run_program("/bin/sh", {"-c", "yes"}, 10s, 1000), "/bin/sh: printed more than 1000 bytes");
    CHECK_THROWS_WITH(run_program("/bin/sh", {"-c", "kill -9 $$"}, 10s, 100), "/bin/sh: was ended by signal 9");
    CHECK_THROWS_WITH(run_program("/no/such/program", {}, 10s, 100), "/no/such/program: No such file or directory");
}
