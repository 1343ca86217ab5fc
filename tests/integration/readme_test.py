"""What README.md shows is what the programs do: its console blocks are run on tests/hosts and compared, its sh blocks are run line by line.

Compared but for what differs from run to run: times, digests, versions of programs."""
import json
import os
import pathlib
import re
import socket
import subprocess
import types
import unittest

from real_programs import BIN, Case, run, wait_for

SOURCE = pathlib.Path(__file__).resolve().parents[2]
README = (SOURCE / "README.md").read_text()
IMAGE = SOURCE / "tests/hosts/web/root"
VOLATILE = [(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "TIME"), (r"\b[0-9a-f]{64}\b", "DIGEST"), (r"\b\d+(\.\d+)? m?s\b", "DURATION")]


def blocks(kind):
    return re.findall(rf"^```{kind}\n(.*?)^```$", README, re.M | re.S)


def steady(text):
    for pattern, word in VOLATILE:
        text = re.sub(pattern, word, text)
    return [line.rstrip() for line in text.strip().splitlines()]


def shell(line, folder, home, **environment):
    """One line of the README, with our programs first in PATH and nothing but a folder of the test's to write to."""
    env = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "HOME": str(home), "NO_COLOR": "1", "CACHE_DIRECTORY": str(folder / "cache"), **environment}
    return subprocess.run(["bash", "-o", "pipefail", "-c", line], cwd=folder, env=env, capture_output=True, text=True, timeout=300)


class Readme(Case):
    def test_the_console_blocks_of_the_readme_are_what_the_programs_print(self):
        seen = 0
        for block in blocks("console"):
            for command, expected in re.findall(r"^[#$] (.*)\n((?:(?![#$] ).*\n)*)", block, re.M):
                done = shell(command.replace("/srv/images/web", str(IMAGE)), self.folder, self.folder)
                self.assertEqual(steady(done.stdout), steady(expected), f"{command}\n{done.stderr}")
                seen += 1
        self.assertGreater(seen, 0)

    def test_the_readme_counts_checks_and_controls_as_they_are(self):
        packs = json.loads(run(BIN / "annexa-agent", "policy", "list", "--format", "json").stdout)
        checks = [check for pack in packs for check in pack["checks"]]
        by_strength = {strength: {control["id"] for check in checks for control in check["controls"] if control["strength"] == strength}
                       for strength in ("direct", "partial")}
        said = re.search(r"(\d+) checks show (\d+) of the 93 controls directly and (\d+) more in part; the other (\d+) rest", README)
        direct, partial = len(by_strength["direct"]), len(by_strength["partial"] - by_strength["direct"])
        self.assertEqual(tuple(map(int, said.groups())), (len(checks), direct, partial, 93 - direct - partial))

    def test_the_commands_of_the_readme_run_in_their_order(self):
        local, store = (block.splitlines() for block in blocks("sh"))
        for line in local:
            line = line.split(" #")[0].replace("/srv/images/web", str(IMAGE)).replace("./our-pack", str(SOURCE / "policies/packs/linux-baseline"))
            done = shell(line, self.folder, self.folder)
            # a check may find something, or find that it may not look; a usage error says how the command is used
            self.assertIn(done.returncode, (0, 1, 2) if line.startswith("annexa-agent check") else (0,), f"{line}\n{done.stderr}")
            self.assertTrue(done.stdout, line)
        self.follow(store)

    def follow(self, lines):
        data = self.folder / "store"
        config = self.folder / "agent.yaml"
        config.write_text(f"state: {self.folder}/state\nsocket: {self.folder}/socket\n")
        names = {"/var/lib/annexa": str(data), "annexa.example.com": "localhost", "0.0.0.0:8443": "127.0.0.1:0", "0.0.0.0:8444": "127.0.0.1:0",
                 "annexa-agent enroll": f"annexa-agent enroll --config {config}", "annexa-agent run": f"annexa-agent run --config {config}",
                 "--host web-1": f"--host {socket.gethostname()}"}
        for line in lines:
            line = line.split(" #")[0].strip()
            if not line:
                continue
            for name, ours in names.items():
                line = line.replace(name, ours)
            if re.search(r"annexa-(server|agent) run ", line):
                self.begin(line)
                if "annexa-server" in line:
                    wait_for("the store", lambda: (data / "run/urls").exists())
                else:
                    self.wait_for_statement(config)
                continue
            if line.startswith("annexa evidence show "):  # whichever entry is a statement
                entries = json.loads(shell("annexa evidence list --format json", self.folder, self.folder).stdout)
                line = f"annexa evidence show {entries[0]['index']}"
            done = shell(line, self.folder, self.folder)
            self.assertEqual(done.returncode, 0, f"{line}\n{done.stdout}\n{done.stderr}")
            if line.startswith("annexa waive "):
                self.assertIn("through 2027-03-31", done.stdout)

    def begin(self, line):
        started = types.SimpleNamespace()
        with open(self.folder / f"{len(self.started)}.log", "w") as log:
            started.process = subprocess.Popen(["bash", "-c", f"exec {line}"], cwd=self.folder, stdout=log, stderr=subprocess.STDOUT,
                                               env={**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"})
        self.started.append(started)

    def wait_for_statement(self, config):
        status = lambda: run(BIN / "annexa-agent", "status", "--config", config, "--format", "json", check=False).stdout
        wait_for("an acknowledged statement", lambda: (json.loads(status() or "{}").get("acknowledged") or 0) > 0, 120)


if __name__ == "__main__":
    unittest.main()
