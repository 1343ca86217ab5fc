"""The records of a management system from the command line, by people who share a store."""
import json
import os
import pathlib
import re
import shlex
import stat
import subprocess
import unittest

from isms_people import Person
from real_programs import BIN, Case

HOSTILE = ["yes", "null", "~", "007", "1e3", "0x1f", "2027-03-31", "12:30", "- a", "a: b", "a #b", "*a", "&a", "!tag", "|", ">", "%x", "@file", "`x`",
           "{a: b}", "[a]", "'", '"', "\\", "=1+1", "<script>alert(1)</script>", "Größe", "日本語", "\U0001f512", "\u202egnirts", "\ufeffmark", "a\u2028b",
           "a\u0085b", " leads", "trails ", "a  b", "…"]
HOSTILE_TEXTS = ["two\nlines", "ends with a break\n", "\n\nbegins with breaks", "  indented\nthen not", "trailing \nblank", "tab\there", "--- \n...\n", "# no\n# comment",
                 "\n", "a\n\n\n", "key: |\n  value\n"]


class Commands(Case):
    def setUp(self):
        super().setUp()
        self.at = self.store()
        self.ada = Person(self.at, "admin", "Ada")
        self.bob = Person(self.at, "approver", "Bob")

    def records(self, person=None):
        return json.loads((person or self.ada).isms("list", "--format", "json"))

    def holds(self):
        checked = self.at.check()
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)

    def test_isms_init_makes_drafts_once_and_says_what_is_next(self):
        said = self.ada.isms("init", "--name", "Ada Lovelace")
        self.assertIn("Next: ", said)
        made = self.records()
        self.assertEqual([each["kind"] for each in made], ["person", "scope", "programme", "criteria", "statement"])
        self.assertEqual(made[0]["members"], {"title": "Ada Lovelace", "account": self.ada.account})
        self.assertEqual({each["approval"] for each in made[1:]}, {"proposed"})
        self.assertIn("nothing to make", self.ada.isms("init"))
        self.assertEqual(self.records(), made)
        self.bob.isms("init")  # another person: nothing but that person
        self.assertEqual([each["kind"] for each in self.records()].count("scope"), 1)
        self.assertEqual([each["kind"] for each in self.records()].count("person"), 2)
        effective = [c for c in self.at.status()["controls"] if c["status"] == "effective"]
        self.assertEqual(effective, [])  # nothing comes of nothing

    def test_gaps_and_what_is_due_are_told_by_step(self):
        self.ada.isms("init")
        gaps = json.loads(self.ada.isms("gaps", "--format", "json"))
        self.assertGreater(len(gaps), 20)
        self.assertEqual([gap["step"] for gap in gaps], sorted(gap["step"] for gap in gaps))
        self.assertEqual({gap["step"] for gap in gaps}, set(range(1, 11)))
        lines = self.ada.isms("gaps").splitlines()
        self.assertGreater(len(lines), 20)
        self.assertIn(gaps[0]["next"], lines[0])
        due = json.loads(self.ada.annexa("todo", "--mine", "--format", "json").stdout)
        self.assertEqual({one["kind"] for one in due}, {"scope", "programme", "criteria", "statement"})
        self.assertIn("Waits for approval", self.ada.annexa("todo").stdout)

    def test_what_gaps_say_is_to_be_done_next_works_as_it_is_written(self):
        self.ada.isms("init")
        for line in ("unit title=IT", "role title=CISO", "asset title=Shop type=service", "party title=Customers", "audit_programme title=Cycle from=2026-01-01 to=2027-01-01",
                     "issue title=Staff side=internal topic=people relevant=true", "objective title=Patching", "obligation title=Contract kind=contract"):
            self.ada.isms("set", *shlex.split(line), check=False)
        seen = set()
        for gap in json.loads(self.ada.isms("gaps", "--format", "json")):
            words = shlex.split(gap["next"])
            self.assertEqual(words[0], "annexa", gap)
            done = self.bob.annexa(*words[1:], check=False)
            asks = "in place of" in done.stderr  # what stands open is asked for
            self.assertTrue(done.returncode == 0 or asks, f"{gap['next']}: {done.stderr}")
            seen.add(words[2])
        self.assertLessEqual({"set", "approve", "act"}, seen)

    def test_who_edits_an_older_version_is_told_what_changed(self):
        ada, bob = self.ada, self.bob
        risk = ada.made("set", "unit", "title=Head office", "site=London")
        bob.isms("set", risk, "site=Paris", "notes=moved", "--base", "1")
        said = ada.refused("isms", "set", risk, "site=Rome", "--base", "1")
        self.assertIn("you edited version 1, the last is 2", said)
        self.assertIn("changed since: notes, site", said)
        self.assertEqual(ada.get(risk)["members"]["site"], "Paris")
        file = self.folder / "unit.yaml"
        file.write_text(ada.isms("get", risk, "--format", "yaml"))
        bob.isms("set", risk, "site=Oslo")
        file.write_text(file.read_text().replace("Paris", "Rome"))
        self.assertIn("(stale)", ada.refused("isms", "set", "--file", str(file)))
        file.write_text(ada.isms("get", risk, "--format", "yaml").replace("Oslo", "Rome"))
        self.assertIn("site", ada.isms("set", "--file", str(file)))
        self.assertEqual(ada.get(risk)["members"]["site"], "Rome")
        self.assertIn("nothing changed", ada.isms("set", risk, "site=Rome"))
        self.assertIn("site", ada.isms("history", risk))
        self.holds()

    def test_another_person_approves_exactly_what_was_looked_at(self):
        ada, bob = self.ada, self.bob
        policy = ada.made("set", "document", "title=Policy", "type=information_security_policy", "text=We are secure")
        digest = ada.get(policy)["digest"]
        self.assertIn("another person", ada.refused("isms", "approve", policy))
        ada.isms("set", policy, "text=We are very secure")
        self.assertIn("(conflict)", bob.refused("isms", "approve", policy, "--digest", digest))
        self.assertIn("approved", bob.isms("approve", policy, "--note", "read it"))
        ada.isms("set", policy, "text=We are secure enough")
        self.assertEqual(ada.get(policy)["approval"], "older")
        self.assertIn("text: We are very secure → We are secure enough", bob.isms("approve", policy))
        ada.isms("set", policy, "notes=draft")
        self.assertIn("rejected", bob.isms("reject", policy, "--note", "no notes"))
        self.assertIn("no notes", bob.isms("history", policy))
        self.holds()

    def test_an_export_comes_back_without_a_difference(self):
        ada = self.ada
        ada.isms("init")
        for i, text in enumerate(HOSTILE):
            ada.put("unit", title=text, labels=[text, "x" + text], notes=HOSTILE_TEXTS[i % len(HOSTILE_TEXTS)])
        for i, text in enumerate(HOSTILE_TEXTS):
            ada.put("asset", title=f"Asset {i}", type="service", notes=text, links=[{"to": "R-0001", "as": "x"}])
        folder = self.folder / "records"
        ada.isms("export", folder)
        self.assertIn("no difference", ada.isms("apply", folder, "--dry-run"))
        before = self.records()
        ada.isms("apply", folder)
        self.assertEqual(self.records(), before)
        bytes_of = {path: path.read_bytes() for path in folder.rglob("*.yaml")}
        self.assertEqual(len(bytes_of), len(before))
        ada.isms("export", folder)
        self.assertEqual({path: path.read_bytes() for path in folder.rglob("*.yaml")}, bytes_of)
        # Each record by itself, too.
        for record in before:
            self.assertIn("nothing changed", ada.isms("set", "--file", "-", stdin=ada.isms("get", record["id"], "--format", "yaml")))
        self.holds()

    def test_a_folder_is_applied_all_or_nothing(self):
        ada = self.ada
        unit = ada.made("set", "unit", "title=IT")
        folder = self.folder / "records"
        ada.isms("export", folder)
        file = folder / "units" / f"{unit}.yaml"
        file.write_text(file.read_text().replace("title: IT", "title: Information technology"))
        (folder / "ada.yaml").write_text(f"kind: person\nmembers: {{title: Ada, unit: {unit}}}\n")
        (folder / "ciso.yaml").write_text("kind: role\nmembers: {title: CISO, holder: $ada}\n")
        (folder / "wrong.yaml").write_text("kind: role\nmembers: {title: Deputy, holder: $nobody}\n")
        said = ada.refused("isms", "apply", folder)
        self.assertIn("wrong.yaml: holder", said)
        self.assertEqual([each["members"] for each in self.records()], [{"title": "IT"}])
        (folder / "wrong.yaml").unlink()
        shown = ada.isms("apply", folder, "--dry-run", check=False)
        self.assertIn("- title: IT", shown)
        self.assertIn("+ title: Information technology", shown)
        self.assertEqual(len(self.records()), 1)
        self.assertIn("3 records changed", ada.isms("apply", folder))
        self.assertIn("no difference", ada.isms("apply", folder, "--dry-run"))
        roles = [each for each in self.records() if each["kind"] == "role"]
        self.assertEqual(ada.get(roles[0]["members"]["holder"])["members"]["title"], "Ada")
        self.assertTrue((folder / "roles" / f"{roles[0]['id']}.yaml").exists())
        # Somebody was faster: nothing of the folder is applied.
        self.bob.isms("set", unit, "site=London")
        file.write_text(file.read_text().replace("Information technology", "IT again"))
        (folder / "bob.yaml").write_text("kind: person\nmembers: {title: Bob}\n")
        self.assertIn("changed since: site", ada.refused("isms", "apply", folder))
        self.assertEqual(len(self.records()), 3)
        self.holds()

    def test_a_hostile_folder_is_refused_with_its_place(self):
        folder = self.folder / "records"
        (folder / ".git").mkdir(parents=True)
        (folder / ".git" / "x.yaml").write_text("[")  # what is hidden is not looked at
        self.assertIn("no difference", self.ada.isms("apply", folder, "--dry-run"))
        bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
        cases = {"anchor": bomb, "64 levels": "kind: unit\nmembers: {title: " + "[" * 200 + "]" * 200 + "}\n", "4 MiB": "# " + "x" * (4 << 20) + "\n",
                 "no member": "kind: unit\nmembers: {colour: red}\n", "no kind": "kind: dragon\nmembers: {}\n", "UTF-8": b"kind: unit\nmembers: {title: \xff}\n",
                 "one document": "kind: unit\n---\nkind: unit\n"}
        for expected, text in cases.items():
            file = folder / "a.yaml"
            file.write_bytes(text if isinstance(text, bytes) else text.encode())
            self.assertRegex(self.ada.refused("isms", "apply", folder), re.compile(re.escape(f"{file}:") + ".*" + re.escape(expected), re.S))
        file.unlink()
        file.symlink_to("/etc/passwd")
        self.assertIn("is a link", self.ada.refused("isms", "apply", folder))
        file.unlink()
        for name in ("a.yaml", "b.yaml"):
            (folder / name).write_text("id: R-0077\nkind: unit\nmembers: {title: IT}\n")
        self.assertIn("stands in", self.ada.refused("isms", "apply", folder))
        self.assertEqual(self.records(), [])

    def test_a_file_is_attached_reviewed_and_comes_back(self):
        ada, bob = self.ada, self.bob
        file = self.folder / "restore-test.txt"
        file.write_text("restored on Monday\n")
        self.assertIn("requirements: is missing", ada.refused("isms", "attach", file))
        evidence = ada.made("attach", file, "requirements=A.8.13", "produced=2026-01-05", "obtained_from=backup team")
        members = ada.get(evidence)["members"]
        self.assertEqual((members["file_name"], members["size"], members["form"]), ("restore-test.txt", 19, "file"))
        bob.isms("approve", evidence)
        out = self.folder / "back.txt"
        bob.isms("download", evidence, "--out", out)
        self.assertEqual(out.read_bytes(), file.read_bytes())
        ada.isms("erase", evidence, "--ground", "asked for")
        bob.refused("isms", "download", members["file"])
        self.holds()

    def test_erasing_leaves_the_name_nowhere_in_the_data_folder(self):
        name, note = "Zebedee Quimbleton", "Quimbleton was told"
        ada, bob = self.ada, self.bob
        person = ada.made("set", "person", f"title={name}", "email=zebedee@quimbleton.example", f"notes={name} is new")
        ada.isms("set", person, f"notes={name} has settled in")
        role = ada.made("set", "role", f"title=Deputy of {name}", f"holder={person}")
        bob.isms("approve", role, "--note", note)
        scan = self.folder / "scan.txt"
        scan.write_text(f"signed by {name}\n")
        evidence = ada.made("attach", scan, "requirements=A.6.1", f"title=Contract of {name}")
        bob.isms("reject", evidence, "--note", note)
        self.assertGreaterEqual(len(self.at.files_with("Quimbleton")), 7)  # versions, notes of approvals, the file
        self.assertIn("refers to it", ada.refused("isms", "erase", person, "--ground", "asked for"))
        for record in (role, evidence, person):
            self.assertIn("(forbidden)", bob.refused("isms", "erase", record, "--ground", "asked for"))
            ada.isms("erase", record, "--ground", "asked for")
        self.assertEqual(self.at.files_with("Quimbleton"), [])  # while it runs, the write-ahead log too
        self.holds()
        self.assertEqual(self.at.end(), 0)
        self.assertEqual(self.at.files_with("Quimbleton"), [])
        self.holds()
        self.at.start()
        self.assertEqual(ada.get(person)["state"], "erased")
        self.assertIn("erased", ada.isms("list", "--deleted"))

    def test_an_audit_from_the_nonce_to_the_report(self):
        ada, bob = self.ada, self.bob
        carol = Person(self.at, "auditor", "Carol")
        person = ada.made("set", "person", "title=Carol Zimmermann <b>", f"account={carol.account}")
        programme = ada.made("set", "audit_programme", "title=Cycle", "from=2026-01-01", "to=2027-12-31")
        asset = ada.made("set", "asset", "title=Shop", "type=service")
        audit = carol.made("set", "audit", "title=Audit <script>", f"programme={programme}", "objective=o", "scope=s", "criteria=c", "requirements=9.1", "period_from=2026-01-01",
                           f"period_to={ada.get(asset)['changed_at'][:10]}", "methods=sampling", f"auditors[0]={{person: {person}, competence: since 2020, lead: true}}")
        home = {"HOME": str(self.folder)}
        carol.annexa("audit", "commit", audit, **home)
        nonces = list((self.folder / ".local/state/annexa/nonces").iterdir())
        self.assertEqual([stat.S_IMODE(each.stat().st_mode) for each in nonces], [0o600])
        self.assertEqual(nonces[0].name, carol.get(audit)["members"]["nonce_hash"])
        carol.annexa("audit", "freeze", audit, "records", "--kind", "asset")
        drawn = carol.annexa("audit", "draw", audit, "records", "--size", "1", **home).stdout.split()
        self.assertEqual(drawn, [asset])
        self.assertIn("drawn again", carol.refused("audit", "draw", audit, "records", "--size", "1", **home))
        carol.annexa("audit", "verify", audit, "0")
        self.assertIn("results", carol.refused("audit", "finish", audit, "summary=s", "conclusion=c"))
        carol.annexa("audit", "result", audit, "9.1", "minor", "--facts", "none")
        carol.annexa("audit", "result", audit, "9.1", "conforming", "--facts", "it is <i>measured</i>", "--record", asset, "--evidence", "0")
        self.assertEqual(len(carol.get(audit)["members"]["results"]), 1)
        carol.annexa("audit", "finish", audit, "summary=All is well", "conclusion=Met")
        self.assertIn("report made", carol.annexa("audit", "list").stdout)
        bob.isms("approve", audit)
        self.assertIn("signed off", carol.annexa("audit", "show", audit).stdout)
        frozen = json.loads(carol.annexa("audit", "report", audit, "--format", "json").stdout)
        self.assertEqual(frozen["counts"], {"conforming": 1})
        page = self.folder / "report.html"
        carol.annexa("audit", "report", audit, "--out", page)
        text = page.read_text()
        self.assertIn("Carol Zimmermann &lt;b&gt;", text)
        self.assertNotIn("<script", text)
        self.assertNotIn("<i>", text)
        self.assertIn("default-src 'none'", text)
        # The auditor leaves and asks to be erased: what is signed off goes on naming the id, and can still be read.
        self.assertEqual(len(self.at.files_with("Zimmermann")), 1)
        ada.isms("erase", person, "--ground", "asked for")
        self.assertEqual(self.at.files_with("Zimmermann"), [])
        self.assertIn(person, carol.annexa("audit", "show", audit).stdout)
        ada.isms("gaps")
        self.holds()

    def test_the_page_on_records_shows_what_works(self):
        page = (pathlib.Path(__file__).resolve().parents[2] / "docs/isms.md").read_text()
        blocks = re.findall(r"^```sh\n(.*?)^```$", page, re.M | re.S)
        self.assertEqual(len(blocks), 2)
        environment = {**os.environ, "ANNEXA_TOKEN": self.ada.token, "PATH": f"{BIN}:{os.environ['PATH']}"}
        for block in blocks:
            done = subprocess.run(["bash", "-euo", "pipefail", "-c", block], cwd=self.folder, env=environment, capture_output=True, text=True, timeout=120)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("-  site: London\n+  site: Paris", done.stdout)
        self.assertEqual(self.ada.get("R-0006")["members"]["site"], "Oslo")

    def test_every_command_has_examples_in_its_help(self):
        def help_of(*words):
            return self.ada.annexa(*words, "--help").stdout

        for group in ("isms", "audit", "todo"):
            text = help_of(group)
            for name in re.findall(r"^  ([a-z]+) +[A-Z]", text.split("Subcommands:")[-1], re.M) if "Subcommands:" in text else []:
                self.assertIn("Example", help_of(group, name), f"{group} {name}")


if __name__ == "__main__":
    unittest.main(verbosity=2)
