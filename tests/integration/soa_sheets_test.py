"""Sheets with the real programs: what annexa writes, another program edits and annexa reads back."""
import csv
import datetime
import io
import json
import os
import unittest
import zipfile

import openpyxl

from real_programs import BIN, Case, run

KINDS = {
    "assets": ("asset", {"title": "=1+1", "type": "hardware", "description": " two\nlines; \"quoted\", 日本 🔒", "labels": ["a, b", "-c"],
                         "owner": "PERSON", "confidentiality": "high", "notes": "@SUM(A1)"}),
    "risks": ("risk", {"title": "Laptop is stolen", "likelihood": 3, "impact": 2, "owner": "PERSON", "state": "open", "next_review": "2027-03-31"}),
    "documents": ("document", {"title": "Policy", "type": "policy", "label": "1.10", "says": ["scope", "review"], "rule_for": ["A.5.1", "5.2"],
                               "binds_everybody": True}),
    "actions": ("action", {"title": "Encrypt", "due": "2027-01-31", "cost": 1200.5, "state": "in_progress",
                           "progress": [{"on": "2026-11-02", "percent": 40, "note": "half of \"them\""}]}),
    "people": ("person", {"title": "Ada Lovelace", "email": "ada@example.com", "joined": "2020-02-29", "login_names": ["ada", "al"]}),
    "suppliers": ("supplier", {"title": "Host Ltd", "criticality": "high",
                               "assurances": [{"what": "ISO/IEC 27001", "until": "2027-06-30"}, {"what": "Report", "until": "2027-01-01"}]}),
}


class Sheets(Case):
    def setUp(self):
        super().setUp()
        self.running = self.store()
        self.home = self.folder / "home"
        self.home.mkdir()
        self.token = self.running.token("admin")

    def annexa(self, *arguments, check=True, **more):
        environment = {key: value for key, value in os.environ.items() if key != "XDG_CONFIG_HOME"}
        return run(BIN / "annexa", *arguments, env={**environment, "HOME": str(self.home), "ANNEXA_TOKEN": self.token, **more}, check=check)

    def imported(self, file, word, *more):
        return json.loads(self.annexa("isms", "import", file, "--as", word, "--format", "json", *more).stdout)

    def refused(self, file, word, *more):
        """The problems, one a line; nothing may have changed."""
        before = self.annexa("isms", "list", "--format", "json", "--deleted").stdout
        done = self.annexa("isms", "import", file, "--as", word, *more, check=False)
        self.assertEqual(done.returncode, 2, done.stdout)
        self.assertEqual(self.annexa("isms", "list", "--format", "json", "--deleted").stdout, before)
        return done.stderr

    def records(self):
        """A record of each kind that has a word; the person first, whom the others name."""
        person = None
        for kind, members in sorted(KINDS.values(), key=lambda each: each[0] != "person"):
            members = {name: person if value == "PERSON" else value for name, value in members.items()}
            file = self.folder / "record.json"
            file.write_text(json.dumps({"kind": kind, "members": members}))
            made = json.loads(self.annexa("isms", "set", kind, "--file", file, "--format", "json").stdout)
            person = person or made["id"]
        return person

    def statement(self, name="soa.xlsx"):
        file = self.folder / name
        self.annexa("soa", "--format", name.rsplit(".", 1)[1], "--out", file)
        return file

    def edited(self, file, *cells):
        """Saved by openpyxl with these cells: (row, heading, value)."""
        book = openpyxl.load_workbook(file)
        sheet = book.worksheets[0]
        columns = {cell.value: cell.column for cell in sheet[1]}
        for row, heading, value in cells:
            cell = sheet.cell(row, columns[heading])
            cell.value = value
            if isinstance(value, str) and value.startswith("=") and not value.startswith("=("):
                cell.data_type = "s"
        copy = self.folder / f"edited-{file.name}"
        book.save(copy)
        return copy

    def test_an_edited_statement_imports_with_exactly_the_edit_as_difference(self):
        self.annexa("isms", "init")
        rows = list(csv.reader(io.StringIO(self.annexa("soa", "--format", "csv").stdout)))
        self.assertEqual(len(rows), 94)
        self.assertEqual({len(row) for row in rows}, {len(rows[0])})
        file = self.statement()
        self.assertEqual(self.imported(file, "soa")["differences"], [])
        self.assertEqual(self.imported(self.edited(file), "soa")["differences"], [])  # saved by another program, as it was
        edited = self.edited(file, (2, "Applicable", "yes"), (2, "Justification", "=1+1 is no formula"),
                             (2, "Planned until", datetime.date(2027, 3, 31)), (5, "Applicable", False), (5, "Exclusion", "we have none"))
        dry = self.imported(edited, "soa", "--dry-run")
        expected = [("A.5.1", "applicable", "", "yes"), ("A.5.1", "justification", "", "=1+1 is no formula"),
                    ("A.5.1", "planned_until", "", "2027-03-31"), ("A.5.4", "applicable", "", "no"), ("A.5.4", "exclusion", "", "we have none")]
        self.assertEqual([(each["name"], each["member"], each["from"], each["to"]) for each in dry["differences"]], expected)
        self.assertEqual(self.annexa("soa", "--format", "csv").stdout.count(",yes,"), 0)  # a dry run changes nothing
        self.assertEqual(self.imported(edited, "soa")["differences"], dry["differences"])
        self.assertEqual(self.imported(edited, "soa")["differences"], [])
        for name in ("again.xlsx", "again.csv"):
            self.assertEqual(self.imported(self.statement(name), "soa")["differences"], [], name)
        once = self.imported(self.edited(self.statement(), (2, "How", "reviewed each year")), "soa")
        self.assertEqual([(each["cell"], each["member"], each["from"], each["to"]) for each in once["differences"]],
                         [("I2", "how", "", "reviewed each year")])
        self.assertEqual(self.running.check().returncode, 0)

    def test_the_statement_is_issued_and_compared(self):
        self.assertIn("issued 1.0:", self.annexa("soa", "issue").stdout)
        self.assertEqual(self.annexa("soa", "issue", check=False).returncode, 2)
        self.imported(self.edited(self.statement(), (2, "Applicable", "yes")), "soa")
        found = json.loads(self.annexa("soa", "diff", "--from", "1.0", "--format", "json").stdout)["differences"]
        self.assertIn({"control": "A.5.1", "member": "applicable", "from": None, "to": True}, found)
        self.assertIn("issued 2.0:", self.annexa("soa", "issue", "--major").stdout)
        self.assertIn("A.5.1    applicable", self.annexa("soa", "diff", "--from", "1.0", "--to", "2.0").stdout)
        self.assertIn(",yes,", self.annexa("soa", "--format", "csv").stdout)
        self.assertNotIn(",yes,", self.annexa("soa", "--number", "1.0", "--format", "csv").stdout)

    def test_our_own_sheets_come_back_unchanged(self):
        self.annexa("isms", "init")
        self.records()
        for word in KINDS:
            for ending in ("csv", "xlsx"):
                file = self.folder / f"{word}.{ending}"
                self.annexa("isms", "list", word, "--format", ending, "--out", file)
                found = self.imported(file, word)
                self.assertGreaterEqual(found["rows"], 1, word)
                self.assertEqual(found["differences"], [], file)
                if ending == "xlsx":
                    self.assertEqual(self.imported(self.edited(file), word)["differences"], [], file)
        everything = self.annexa("isms", "list", "--format", "csv").stdout
        self.assertIn(",'=1+1,", everything)
        lines = list(csv.DictReader(io.StringIO(self.annexa("isms", "list", "asset", "--format", "csv").stdout)))
        self.assertEqual([lines[0]["title"], lines[0]["notes"]], ["'=1+1", "'@SUM(A1)"])  # defused

    def test_one_wrong_row_and_nothing_is_imported(self):
        self.annexa("isms", "init")
        file = self.statement()
        wrong = self.edited(file, (2, "Applicable", "yes"), (3, "Planned until", "24.11.2026"), (4, "How", "=(1+1)"), (7, "Control", "A.5.1"))
        said = self.refused(wrong, "soa")
        self.assertIn('row 3, column "Planned until" (K3): expected a date YYYY-MM-DD; found "24.11.2026"', said)
        self.assertIn('row 4, column "How" (I4): holds a formula; expected a value', said)
        self.assertIn('row 7, column "Control" (A7): is "A.5.1", which row 2 is already', said)
        self.assertIn("3 problems, nothing was imported", said)
        # What the store alone can tell has its place too.
        said = self.refused(self.edited(file, (2, "Applicable", "yes"), (5, "Applicable", "no")), "soa")
        self.assertIn('row 5: exclusion is missing: a control is excluded with a reason', said.replace(', column "Exclusion" (H5): is', ": exclusion is"))
        book = openpyxl.load_workbook(file)
        book.worksheets[0].merge_cells("I6:I7")
        book.save(self.folder / "merged.xlsx")
        said = self.refused(self.folder / "merged.xlsx", "soa")
        self.assertIn("I7): is part of the merged cells I6:I7; expected one value a cell", said)

    def test_files_that_are_no_sheets_are_refused_in_words(self):
        self.annexa("isms", "init")
        def made(name, content):
            (self.folder / name).write_bytes(content)
            return self.folder / name
        self.assertIn("is UTF-16; save it as UTF-8", self.refused(made("a.csv", "control,how\n5.1,x\n".encode("utf-16")), "soa"))
        self.assertIn("line 2 is not UTF-8: perhaps Latin-1", self.refused(made("b.csv", "control,how\n5.1,grün\n".encode("latin-1")), "soa"))
        self.assertIn("old .xls workbook or encrypted", self.refused(made("c.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)), "soa"))
        many = made("d.csv", b"control,how\n" + b"".join(b"X-%d,y\n" % i for i in range(100001)))
        self.assertIn("more than 100,000 rows", self.refused(many, "soa"))
        fewer = made("e.csv", b"control,title,how\n" + b"".join(b"X-%d,t,y\n" % i for i in range(3000)))
        self.assertIn("at most 2,000 are changed at once", self.refused(fewer, "soa"))
        with zipfile.ZipFile(self.folder / "f.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
            with zipfile.ZipFile(self.statement()) as whole:
                for name in whole.namelist():
                    archive.writestr(name, bytes(300 << 20) if name.endswith("sheet1.xml") else whole.read(name))
        self.assertIn("unpacks to more than 256 MiB", self.refused(self.folder / "f.xlsx", "soa"))

    def test_a_register_of_another_tool_is_mapped_once(self):
        self.annexa("isms", "init")
        person = self.records()
        register = self.folder / "register.csv"
        register.write_text("\ufeffRisk register 2026;;;;\nNr;Risk name;Chance;Harm;Responsible\nX-1;Fire;2;4;Ada Lovelace\nX-2;Flood;1;4;Ada Lovelace\n", "utf-8")
        self.assertIn("has no column `title` or `id`", self.refused(register, "risks"))
        self.assertIn('column "Nr" (A2): is no member of a risk', self.refused(register, "risks", "--map", "Risk name=title"))
        maps = [part for each in ("Risk name=title", "Chance=likelihood", "Harm=impact", "Responsible=owner", "Nr=") for part in ("--map", each)]
        found = self.imported(register, "risks", *maps)
        self.assertEqual([(each["created"], each["kind"]) for each in found["applied"]], [(True, "risk"), (True, "risk")])
        self.assertEqual({each["to"] for each in found["differences"] if each["member"] == "owner"}, {person})
        register.write_text(register.read_text("utf-8").replace("Flood;1", "Flood;2"), "utf-8")
        again = self.imported(register, "risks")  # the mapping is kept
        self.assertEqual([(each["name"], each["member"], each["from"], each["to"]) for each in again["differences"]], [("Flood", "likelihood", "1", "2")])
        self.assertEqual(json.loads((self.home / ".config/annexa/columns.json").read_text())["risk"]["nr"], "")

    def test_an_old_sheet_undoes_nothing_and_two_who_edit_one_cell_are_told(self):
        self.annexa("isms", "init")
        old = self.statement()
        record = self.imported(self.edited(old, (2, "Applicable", "yes"), (2, "How", "by Ada")), "soa")["applied"][0]["id"]
        self.assertEqual(self.imported(old, "soa")["differences"], [])
        bob = self.statement("bob.xlsx")
        self.annexa("isms", "set", record, "how=by Eve")
        found = self.imported(self.edited(bob, (2, "Implementation", "fully")), "soa")["differences"]
        self.assertEqual([(each["member"], each["to"]) for each in found], [("implementation", "fully")])
        self.assertIn('row 2, column "How" (I2): was changed by another since the sheet was written, to "by Eve"; edit a fresh sheet',
                      self.refused(self.edited(bob, (2, "How", "by Bob")), "soa"))
        self.assertEqual(json.loads(self.annexa("isms", "get", record, "--format", "json").stdout)["members"]["how"], "by Eve")

    def test_a_reader_imports_nothing(self):
        self.annexa("isms", "init")
        reader = self.running.token("reader")
        done = run(BIN / "annexa", "isms", "import", self.edited(self.statement(), (2, "How", "x")), "--as", "soa",
                   env={**os.environ, "HOME": str(self.home), "ANNEXA_TOKEN": reader}, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("your role may not write", done.stderr)

    def test_the_statement_as_a_page_runs_and_loads_nothing(self):
        self.annexa("isms", "init")
        hostile = "<script>alert(1)</script><img src=https://example.com/x>"
        self.imported(self.edited(self.statement(), (2, "Applicable", "yes"), (2, "How", hostile)), "soa")
        page = self.annexa("soa", "--format", "html").stdout
        self.assertIn("&lt;script&gt;alert(1)&lt;/script&gt;", page)
        for word in ("<script", "<img", "<link", "src=", "style=", "http://", "url("):
            self.assertNotIn(word, page.replace("&lt;img src=https://example.com/x&gt;", ""), word)
        self.assertIn("default-src 'none'", page)
        self.assertEqual(page.count("<tr><td"), 93)

    def test_pdf_is_drawn_or_says_what_to_install(self):
        self.annexa("isms", "init")
        file = self.folder / "soa.pdf"
        self.annexa("soa", "--format", "pdf", "--out", file)
        self.assertEqual(file.read_bytes()[:5], b"%PDF-")
        missing = self.annexa("soa", "--format", "pdf", "--out", self.folder / "none.pdf", check=False, PATH=str(self.folder))
        self.assertEqual(missing.returncode, 2)
        self.assertIn("apt install weasyprint", missing.stderr)
        self.assertEqual([path.name for path in self.folder.glob("none*")], [])


if __name__ == "__main__":
    unittest.main()
