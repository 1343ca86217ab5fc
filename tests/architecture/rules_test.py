#!/usr/bin/env python3
"""Rules about the code, each with its reason. Usage: rules_test.py SOURCE_DIR BINARY_DIR

A rule also fails where it names a file that is gone or no longer needs its exception: a rule that guards nothing is a lie.
"""
import pathlib
import re
import subprocess
import sys
import unittest

SOURCE = pathlib.Path(sys.argv[1])
BINARY = pathlib.Path(sys.argv[2])
FOLDERS = ["evidence", "terminal", "collectors", "policies", "agent", "server-stub", "cli"]

# Who may include whom: the arrows go one way, so that the verifier never depends on the server nor the agent on a collector.
MAY_INCLUDE = {
    "evidence": {"evidence"},
    "collectors": {"evidence", "collectors"},
    "policies": {"evidence", "policies"},
    "terminal": {"evidence", "terminal"},
    "agent": {"evidence", "policies", "terminal", "agent"},
    "server-stub": {"evidence", "policies", "terminal", "server-stub"},
    "cli": {"evidence", "policies", "terminal", "cli"},
}

# (pattern, folders it is banned in, files where it may stand, reason)
BANNED = [
    (r"\bstd::system\s*\(|(?<![\w.:>])system\s*\(|\bpopen\s*\(", FOLDERS, [], "a shell runs what its input says"),
    (r"system_clock::now|\bgettimeofday\s*\(|(?<![\w.:>])time\s*\(\s*(nullptr|NULL|0)\s*\)", FOLDERS, ["evidence/instant.cpp"],
     "time comes through Clock, so that tests can hold it"),
    (r"\bco_await\b|\bco_spawn\b", FOLDERS, ["server-stub/http/listener.cpp"],
     "GCC 12 frees temporaries of co_await twice: coroutines live in the listener alone"),
    (r"#include <boost/beast", FOLDERS, ["server-stub/http/listener.cpp"], "Beast costs 30 s of compile time a file"),
    (r"#include <fstream>|\bstd::ifstream\b|(?<![\w.:>])fopen\s*\(", ["collectors"],
     [],
     "a collector reads the machine through Host alone, which bounds and records every read"),
    (r"\bstd::this_thread::sleep|(?<![\w.:>])u?sleep\s*\(", FOLDERS + ["tests"], [], "wait for a condition, not for time to pass"),
    (r"\b(TODO|FIXME|XXX)\b", FOLDERS + ["tests", "scripts", "bench", "fuzz", "cmake"], ["tests/architecture/rules_test.py"],
     "what is not done is an issue, not a comment"),
    (r"(?<![\w.>:])new\s+[A-Za-z_:]+\s*[({]", FOLDERS, [], "owning raw pointers leak"),
    (r"SSL_VERIFY_NONE|CURLOPT_SSL_VERIFY(PEER|HOST),\s*0", FOLDERS, [],
     "TLS is verified; the people's listener alone asks for no client certificate"),
]

# Headers that are dear to compile: never in a header of ours, and in few files.
DEAR_HEADERS = [r"#include <nlohmann/json\.hpp>", r"#include <spdlog/", r"#include <CLI/", r"#include <boost/beast", r"#include <boost/asio"]


def sources(folder, endings=(".cpp", ".hpp")):
    base = SOURCE / folder
    return sorted(p for p in base.rglob("*") if p.suffix in endings or (p.is_file() and "" in endings and not p.suffix))


def name(path):
    return str(path.relative_to(SOURCE))


def code(path):
    """The text without comments and string literals: rules are about code, not about words."""
    text = path.read_text(errors="replace")
    text = re.sub(r'R"(\w*)\((?:.|\n)*?\)\1"', '""', text)
    text = re.sub(r'"(?:\\.|[^"\\\n])*"', '""', text) if path.suffix in (".cpp", ".hpp") else text
    text = re.sub(r"//[^\n]*", "", text)
    return re.sub(r"/\*(?:.|\n)*?\*/", "", text)


class Rules(unittest.TestCase):
    def test_includes_go_one_way(self):
        wrong = []
        for folder, allowed in MAY_INCLUDE.items():
            for path in sources(folder):
                for include in re.findall(r'#include "([^"/]+)/', path.read_text()):
                    if include in FOLDERS and include not in allowed:
                        wrong.append(f"{name(path)} includes {include}/")
        self.assertEqual(wrong, [])

    def test_folders_depend_one_way_in_the_build_too(self):
        allowed = {"annexa_agent": "annexa_collectors annexa_store", "annexa_store": "annexa_collectors annexa_agent",
                   "annexa_evidence": "annexa_policies", "annexa_policies": "annexa_agent annexa_store annexa_collectors"}
        folder = {"annexa_agent": "agent", "annexa_store": "server-stub", "annexa_evidence": "evidence", "annexa_policies": "policies"}
        for target, forbidden in allowed.items():
            text = (SOURCE / folder[target] / "CMakeLists.txt").read_text()
            for other in forbidden.split():
                self.assertNotIn(other, text, f"{folder[target]}/CMakeLists.txt links {other}")

    def test_banned_calls(self):
        for pattern, folders, excepted, reason in BANNED:
            needed = set()
            for folder in folders:
                for path in sources(folder):
                    text = code(path) if "TODO" not in pattern and "#include" not in pattern else path.read_text(errors="replace")
                    match = re.search(pattern, text)
                    if not match:
                        continue
                    if name(path) in excepted:
                        needed.add(name(path))
                        continue
                    self.fail(f"{name(path)}: {match.group(0)!r} is banned: {reason}")
            for path in excepted:
                if path.endswith(".py") or not (SOURCE / path).exists():
                    self.assertTrue((SOURCE / path).exists(), f"the rule '{reason}' names {path}, which is gone")
                    continue
                self.assertIn(path, needed, f"{path} no longer needs its exception ({reason})")

    def test_dear_headers_stay_out_of_our_headers(self):
        for folder in FOLDERS:
            for path in sources(folder, (".hpp",)):
                for pattern in DEAR_HEADERS:
                    self.assertIsNone(re.search(pattern, path.read_text()), f"{name(path)} includes {pattern}: it would cost every file that includes it")

    def test_command_line_parser_is_in_one_file_a_program(self):
        for folder in ["collectors", "agent", "server-stub", "cli"]:
            users = [name(p) for p in sources(folder) if "#include <CLI/" in p.read_text()]
            self.assertLessEqual(len(users), 1, f"CLI11 costs 9 s of compile time a file: {users}")

    def test_files_are_short(self):
        long = [f"{name(p)}: {n} lines" for folder in FOLDERS + ["tests"] for p in sources(folder)
                if (n := len(p.read_text(errors="replace").splitlines())) > 600]
        self.assertEqual(long, [], "one concept a file; none over 600 lines")

    def test_every_folder_says_what_it_is_for(self):
        for folder in FOLDERS:
            self.assertTrue((SOURCE / folder / "README.md").exists(), f"{folder}/README.md is missing")

    def test_library_lists_name_every_file(self):
        for folder in FOLDERS:
            listed = "".join(p.read_text() for p in (SOURCE / folder).rglob("CMakeLists.txt"))
            for path in sources(folder, (".cpp",)):
                self.assertIn(path.name, listed, f"{name(path)} is in no CMakeLists.txt")

    def test_nothing_names_a_package_registry_or_this_machine(self):
        tracked = subprocess.run(["git", "-C", SOURCE, "ls-files"], capture_output=True, text=True)
        self.assertEqual(tracked.returncode, 0, tracked.stderr)
        banned = re.compile("|".join(["deb" + r"\.debian\.org", "security" + r"\.debian\.org", "registry" + r"\.npmjs", r"/work/" + r"\.library", r"/root/" + "w/"]))
        for path in tracked.stdout.split("\n"):
            file = SOURCE / path
            if not path or path == "LICENSE" or not file.is_file() or path.startswith("tests/collectors/"):
                continue
            match = banned.search(file.read_text(errors="replace"))
            self.assertIsNone(match, f"{path} names {match.group(0) if match else ''}")

    def test_programs_link_what_the_golden_list_says(self):
        """A library that a program did not need yesterday is a decision, not an accident."""
        golden = SOURCE / "tests/architecture/libraries"
        programs = sorted(p.stem for p in golden.glob("*.txt"))
        self.assertEqual(programs, ["annexa", "annexa-agent", "annexa-collect", "annexa-server"])
        for program in programs:
            binary = BINARY / "bin" / program
            self.assertTrue(binary.exists(), f"{binary} was not built")
            out = subprocess.run(["readelf", "-d", binary], capture_output=True, text=True, check=True).stdout
            # Version numbers differ between releases of Debian; the sanitizers' own libraries are no decision of ours, and
            # whether libm, a part of the C library, is named is the linker's.
            have = sorted({re.sub(r"\.so.*|-\d[\d.]*$", "", lib) for lib in re.findall(r"NEEDED.*\[(.*?)\]", out)
                           if not re.match(r"lib(asan|ubsan|tsan)|libm\.|ld-linux", lib)})
            self.assertEqual(have, (golden / f"{program}.txt").read_text().split(), f"{program} links other libraries than {golden}/{program}.txt")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
