#!/usr/bin/env python3
"""The units, users and files that packages install. Usage: units_test.py SOURCE_DIR [unittest's arguments]"""
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

PACKAGING = pathlib.Path(sys.argv[1]) / "packaging"
UNITS = PACKAGING / "systemd"
MOST = {"annexa-agent": 1.5, "annexa-server": 1.5, "annexa-collect": 2.2}  # of systemd-analyze security


def settings(unit):
    """KEY → its values, in order. Units of ours have no continued lines."""
    found = {}
    for line in (UNITS / unit).read_text().splitlines():
        if re.match(r"[A-Za-z]+=", line):
            key, value = line.split("=", 1)
            found.setdefault(key, []).append(value)
    return found


class Units(unittest.TestCase):
    @unittest.skipUnless(shutil.which("systemd-analyze"), "needs systemd-analyze")
    def test_exposure_is_bounded(self):
        for unit, most in MOST.items():
            done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", UNITS / f"{unit}.service"], capture_output=True, text=True)
            found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)
            self.assertIsNotNone(found, done.stdout + done.stderr)
            self.assertLessEqual(float(found.group(1)), most, done.stdout)
            print(f"{unit}_exposure {found.group(1)} of_10")
            # What a unit says of itself is what comes out, and nothing in it is unknown to systemd.
            self.assertIn(f"gives {found.group(1)}", (UNITS / f"{unit}.service").read_text())
            self.assertNotIn("nknown", done.stderr)

    def test_the_one_that_holds_keys_has_no_capability_and_the_one_that_reads_no_internet(self):
        for unit in ("annexa-agent.service", "annexa-server.service"):
            self.assertEqual(settings(unit)["CapabilityBoundingSet"], [""])
            self.assertEqual(settings(unit)["AmbientCapabilities"], [""])
        collect = settings("annexa-collect.service")
        self.assertEqual(collect["RestrictAddressFamilies"], ["AF_UNIX AF_NETLINK"])
        self.assertEqual(set(collect["AmbientCapabilities"][0].split()), {"CAP_DAC_READ_SEARCH", "CAP_SYS_PTRACE", "CAP_NET_ADMIN", "CAP_AUDIT_CONTROL"})
        self.assertIn("-/var/lib/annexa-agent", collect["InaccessiblePaths"][0].split())
        self.assertEqual(collect["ProtectSystem"], ["strict"])
        self.assertNotIn("ReadWritePaths", collect)

    def test_every_limit_is_set(self):
        for unit in ("annexa-agent.service", "annexa-collect.service"):
            self.assertLessEqual({"CPUWeight", "CPUQuota", "IOWeight", "MemoryHigh", "MemoryMax", "TasksMax"}, set(settings(unit)), unit)

    def test_users_of_the_units_are_made_by_the_packages(self):
        made = set()
        for file in (PACKAGING / "sysusers").iterdir():
            self.assertNotIn(":", file.read_text(), "passwd(5) divides its fields by it")
            made |= {line.split()[1] for line in file.read_text().splitlines() if line.startswith("u ")}
        wanted = {settings(unit.name)["User"][0] for unit in UNITS.glob("*.service")}
        wanted.add(settings("annexa-collect.socket")["SocketGroup"][0])
        self.assertEqual(made, wanted)
        self.assertIn(f"--for {settings('annexa-agent.service')['User'][0]}", settings("annexa-collect.service")["ExecStart"][0])

    def test_the_shipped_configuration_asks_where_the_socket_listens(self):
        listens = settings("annexa-collect.socket")["ListenStream"][0]
        self.assertIn(f"\ncollector_socket: {listens}\n", (PACKAGING / "config/agent.yaml").read_text())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[2:], verbosity=2)
