"""docs/write-a-check.md, line by line: a check of one's own is written, tested, uploaded, adopted and seen on a store."""
import json
import os
import pathlib
import re
import subprocess
import unittest

from isms_people import Person
from real_programs import BIN, Case, run, wait_for

SOURCE = pathlib.Path(__file__).resolve().parents[2]
DOCUMENT = (SOURCE / "docs/write-a-check.md").read_text()
CHECK = "our-password-age"


class OwnPack(Case):
    def setUp(self):
        super().setUp()
        check, pack, cases = re.findall(r"^```yaml\n(.*?)^```$", DOCUMENT, re.M | re.S)
        self.pack = self.folder / "my-pack"
        for name, text in (("pack.yaml", pack), (f"checks/{CHECK}.yaml", check), (f"cases/{CHECK}.yaml", cases)):
            (self.pack / name).parent.mkdir(parents=True, exist_ok=True)
            (self.pack / name).write_text(text)

    def agent_says(self, *arguments, codes=(0,)):
        done = subprocess.run([BIN / "annexa-agent", *map(str, arguments)], capture_output=True, text=True, timeout=120,
                              env={**os.environ, "CACHE_DIRECTORY": str(self.folder / "cache")})
        self.assertIn(done.returncode, codes, done.stdout + done.stderr)
        return done.stdout

    def commands(self, heading):
        """The annexa commands of a section."""
        section = re.search(rf"^## \d\. {heading}\n(.*?)(?=^## )", DOCUMENT, re.M | re.S).group(1)
        return [line.split(" #")[0].strip().removeprefix("$ ") for line in re.findall(r"^\$ annexa .*$", section, re.M)]

    def test_a_check_of_ones_own_is_written_tested_uploaded_adopted_and_seen(self):
        self.agent_says("policy", "check", self.pack)
        self.assertIn("PASS_MAX_DAYS", self.agent_says("tables", "login_defs"))
        self.agent_says("policy", "test", self.pack, "--hosts", SOURCE / "tests/collectors")
        self.agent_says("check", "--policy", self.pack, codes=(0, 1))

        store = self.store()
        bob = Person(store, "approver", "Bob")
        agent = self.agent(store)
        wait_for("a receipt", lambda: agent.acknowledged() >= 1, 240)
        digest = ""
        for command in self.commands("On a store"):
            said = bob.annexa(*command.replace("my-pack", str(self.pack) if "upload" in command else "my-pack").replace("DIGEST", digest).split()[1:]).stdout
            if "upload" in command:
                digest = re.search(r"--sha256 ([0-9a-f]{64})", said).group(1)
                self.assertNotIn("my-pack", bob.annexa("policy", "list").stdout)  # it changes nothing yet
            if "adopt" in command:
                self.assertEqual({pack["pack"]: pack["adopted"] is not None for pack in json.loads(bob.annexa("policy", "list", "--format", "json").stdout)},
                                 {"linux-baseline": False, "my-pack": True})
        control = bob.call("GET", "/api/v1/status?control=A.5.17")["controls"][0]
        states = next(check["states"] for check in control["checks"] if check["check"] == CHECK)
        self.assertEqual(sum(states.values()), 1)
        self.assertTrue(set(states) <= {"pass", "overdue", "fail"}, states)

        # Another version of it, upon which parameters stay as they were set.
        bob.annexa("policy", "set", "my-pack", "password_max_days=30", "--fix-within", f"{CHECK}=14d")
        bob.annexa("policy", "set", "my-pack", "--tolerance", f"{CHECK}=1")
        shown = json.loads(bob.annexa("policy", "show", "my-pack", "--format", "json").stdout)
        self.assertEqual((shown["fix_within_s"], shown["tolerances"]), ({CHECK: 14 * 86400}, {CHECK: 1}))
        self.assertIn("14d", bob.annexa("policy", "show", "my-pack").stdout.replace("2w", "14d"))
        # What was overdue at once may now be open for two weeks.
        self.assertEqual({each["state"] for each in bob.call("GET", f"/api/v1/findings?check={CHECK}")["findings"]}, {"fail"})
        for wrong in (f"{CHECK}=400d", f"{CHECK}=soon", "no-such-check=1d"):
            self.assertEqual(bob.annexa("policy", "set", "my-pack", "--fix-within", wrong, check=False).returncode, 2, wrong)
        self.assertIn("= 30 days, set here; shipped: 365", bob.annexa("policy", "show", "my-pack").stdout)
        self.assertEqual(agent.end(), 0)
        self.assertEqual(store.end(), 0)
        checked = store.check()
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)

    def test_what_is_no_pack_or_has_somebody_elses_check_is_refused(self):
        store = self.store()
        bob = Person(store, "approver", "Bob")
        carol = Person(store, "reader", "Carol")
        self.assertIn("forbidden", carol.annexa("policy", "upload", self.pack, check=False).stderr)
        check = self.pack / "checks" / f"{CHECK}.yaml"
        good = check.read_text()
        check.write_text(good.replace("needs: [login_defs]", "needs: [no_such_table]"))
        refused = bob.annexa("policy", "upload", self.pack, check=False)
        self.assertEqual(refused.returncode, 2)
        self.assertRegex(refused.stderr, rf"checks/{CHECK}\.yaml:\d+:\d+: .*no_such_table")
        # The server looks for itself.
        texts = {"pack.yaml": (self.pack / "pack.yaml").read_text(), f"checks/{CHECK}.yaml": check.read_text()}
        for body in ({"files": texts}, {"files": {"/etc/passwd": "x"}}, {"files": {"checks/../pack.yaml": "x"}}, {"files": {}}, {}):
            with self.assertRaises(Exception) as caught:
                bob.call("PUT", "/api/v1/policies/my-pack", body)
            self.assertEqual(caught.exception.code, "schema")
        # An id of the shipped pack.
        check.unlink()
        (self.pack / "checks/ssh-root-login.yaml").write_text(good.replace(CHECK, "ssh-root-login"))
        (self.pack / f"cases/{CHECK}.yaml").unlink()
        digest = re.search(r"--sha256 ([0-9a-f]{64})", bob.annexa("policy", "upload", self.pack).stdout).group(1)
        self.assertIn("linux-baseline", bob.annexa("policy", "adopt", "my-pack", "--sha256", digest, check=False).stderr)
        for arguments in (("my-pack",), ("my-pack", "--sha256", "0" * 64), ("linux-baseline", "--sha256", digest)):
            self.assertEqual(bob.annexa("policy", "adopt", *arguments, check=False).returncode, 2, arguments)
        self.assertEqual([pack["pack"] for pack in json.loads(bob.annexa("policy", "list", "--format", "json").stdout)], ["linux-baseline"])


if __name__ == "__main__":
    unittest.main()
