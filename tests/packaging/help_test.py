#!/usr/bin/env python3
"""Man pages and completions: each command has one, and they are made from its --help. Usage: help_test.py SOURCE_DIR BIN_DIR"""
import functools
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(sys.argv[1])
BIN = pathlib.Path(sys.argv[2])
PROGRAMS = ["annexa-agent", "annexa-collect", "annexa-server", "annexa"]


@functools.cache
def help_of(program, *words):
    return subprocess.run([BIN / program, *words, "--help"], capture_output=True, text=True, check=True).stdout


def commands(program, words=()):
    """Every command that --help lists, with those below it."""
    listed = re.search(r"^Subcommands:\n((?:  .*\n)+)", help_of(program, *words), re.M)
    found = []
    for line in listed[1].splitlines() if listed else []:
        if re.match(r"  \S", line):
            found.append((*words, line.split()[0]))
            found += commands(program, found[-1])
    return found


class Help(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="annexa-help-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        subprocess.run([sys.executable, SOURCE / "packaging/from_help.py", "all", cls.folder, *[BIN / program for program in PROGRAMS]], check=True)

    def page(self, program):
        return next((self.folder / "man").glob(f"{program}.[0-9]"))

    def test_each_program_has_a_page_and_each_command_a_section_of_it(self):
        for program in PROGRAMS:
            sections = re.findall(r"^\.SS (.*)$", self.page(program).read_text().replace("\\-", "-"), re.M)
            for command in commands(program):
                wanted = " ".join((program, *command))
                self.assertTrue(any(section == wanted or section.startswith(wanted + " ") for section in sections), f"{wanted} is not in {self.page(program).name}: {sections}")

    def test_each_option_is_in_the_page(self):
        for program in PROGRAMS:
            text = self.page(program).read_text().replace("\\-", "-")
            for words in [(), *commands(program)]:
                for option in re.findall(r"^  (?:-\w,)?(--[a-z-]+)", help_of(program, *words), re.M):
                    self.assertIn(option, text, f"{program} {' '.join(words)}")

    @unittest.skipUnless(shutil.which("man") and shutil.which("groff"), "needs man and groff")
    def test_pages_are_without_a_warning(self):
        for program in PROGRAMS:
            done = subprocess.run(["man", "--warnings", "--encoding=UTF-8", "--local-file", "--troff-device=utf8", "--ditroff", self.page(program)], capture_output=True, text=True,
                                  env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "MANROFFSEQ": "", "MANWIDTH": "80"})
            self.assertEqual((done.returncode, done.stderr), (0, ""), program)

    def complete(self, program, *words):
        """What bash offers for the last word."""
        function = "_" + program.replace("-", "_")
        script = f'source "{self.folder}/bash/{program}"; compopt() {{ :; }}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); {function}; printf "%s\\n" "${{COMPREPLY[@]}}"'
        done = subprocess.run(["bash", "-c", script, "complete", program, *words], capture_output=True, text=True, check=True, cwd=self.folder)
        self.assertEqual(done.stderr, "")
        return set(done.stdout.split())

    def test_bash_completes_commands_options_and_values(self):
        for program in ("annexa-agent", "annexa-server", "annexa"):
            for words in [(), *commands(program)]:
                below = {command[-1] for command in commands(program) if command[:-1] == words}
                self.assertLessEqual(below, self.complete(program, *words, ""), f"{program} {' '.join(words)}")
        self.assertEqual(self.complete("annexa-agent", "che"), {"check"})
        self.assertEqual(self.complete("annexa-agent", "policy", "l"), {"list"})
        self.assertEqual(self.complete("annexa-agent", "check", "--po"), {"--policy"})
        self.assertEqual(self.complete("annexa-agent", "check", "--format", ""), {"json", "text"})
        self.assertIn("bash", self.complete("annexa-agent", "check", "--root", "ba"))  # a folder

    @unittest.skipUnless(shutil.which("zsh"), "needs zsh")
    def test_zsh_reads_its_completions(self):
        for program in ("annexa-agent", "annexa-server", "annexa"):
            done = subprocess.run(["zsh", "-n", self.folder / "zsh" / f"_{program}"], capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
