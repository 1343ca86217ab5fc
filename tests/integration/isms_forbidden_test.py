"""What a store refuses three people: Ada and Bob may approve, Carol audits. Each by its name, from the command line."""
import datetime
import json
import unittest

from isms_people import Person, Refused
from real_programs import BIN, Case, run, wait_for

CHECK = "ssh-root-login"


class Forbidden(Case):
    def setUp(self):
        super().setUp()
        self.at = self.store()
        self.ada = Person(self.at, "admin", "Ada")
        self.bob = Person(self.at, "approver", "Bob")
        self.carol = Person(self.at, "auditor", "Carol")

    def tearDown(self):
        checked = self.at.check()
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)

    def day(self, days):
        return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)).date().isoformat()

    def enrolled_host(self):
        self.agent(self.at, start=False)
        return self.ada.call("GET", "/api/v1/hosts")["hosts"][0]["id"]

    def test_nobody_approves_their_own_request(self):
        self.ada.annexa("waive", CHECK, "--reason", "being mended", "--until", self.day(20))
        waiver = json.loads(self.ada.annexa("waivers", "--format", "json").stdout)[0]["id"]
        self.assertIn("(forbidden)", self.ada.refused("waivers", "approve", waiver))
        self.bob.annexa("waivers", "approve", waiver)
        policy = self.ada.made("set", "document", "title=Policy", "type=information_security_policy", "text=t")
        self.bob.isms("set", policy, "notes=n")
        for author in (self.ada, self.bob):
            self.assertIn("(forbidden)", author.refused("isms", "approve", policy))
        self.assertEqual(self.ada.get(policy)["approval"], "proposed")

    def test_an_auditor_edits_no_control(self):
        row = self.ada.made("set", "applicability", "title=Policies", "control=A.5.1", "applicable=true")
        for wanted in (("set", row, "applicable=false"), ("set", "applicability", "title=Roles", "control=A.5.2"), ("delete", row), ("approve", row)):
            self.assertIn("(forbidden)", self.carol.refused("isms", *wanted))
        self.carol.refused("policy", "adopt", "linux-baseline")
        self.assertEqual(self.ada.get(row)["version"], 1)

    def test_a_finding_is_not_deleted(self):
        found = self.carol.made("set", "nonconformity", "title=Nobody measures", "source=observation", "requirements=9.1", "facts=no list", "grade=minor")
        for person in (self.ada, self.bob, self.carol):
            self.assertIn("(forbidden)", person.refused("isms", "delete", found))
        self.assertEqual(self.ada.get(found)["state"], "current")

    def test_a_waiver_without_expiry_is_none(self):
        self.assertIn("--until", self.ada.refused("waive", CHECK, "--reason", "for ever"))
        with self.assertRaises(Refused) as caught:
            self.ada.call("POST", "/api/v1/waivers", {"check": CHECK, "reason": "for ever"})
        self.assertEqual(caught.exception.code, "schema")
        self.ada.refused("waive", CHECK, "--reason", "for two years", "--until", self.day(731))
        self.assertEqual(json.loads(self.ada.annexa("waivers", "--format", "json").stdout), [])

    def test_an_action_without_a_passing_retest_is_not_closed(self):
        host = self.enrolled_host()  # of which no evidence says anything
        action = self.ada.made("set", "action", "title=Forbid root", f"checks={CHECK}", f"hosts={host}", "state=done")
        self.assertIn("not verified", self.ada.refused("isms", "act", action, "close"))
        said = self.bob.refused("isms", "act", action, "verify", "note=looked")
        self.assertIn(CHECK, said)
        self.assertIn("(conflict)", said)
        self.assertIn("not verified", self.bob.refused("isms", "act", action, "close"))
        self.assertNotIn("closure", self.ada.get(action)["members"])

    def test_an_expired_token_opens_nothing(self):
        token = self.at.token("reader", "--ttl", "1s")
        ended = wait_for("the token's end", lambda: (lambda done: done if done.returncode else None)(self.at.annexa("isms", "list", token=token, check=False)))
        self.assertEqual(ended.returncode, 2)
        self.assertIn("expired", ended.stderr)

    def test_a_stale_base_overwrites_nothing(self):
        unit = self.ada.made("set", "unit", "title=IT")
        self.bob.isms("set", unit, "site=London", "--base", "1")
        for wanted in (("set", unit, "site=Rome", "--base", "1"), ("delete", unit, "--base", "1")):
            said = self.ada.refused("isms", *wanted)
            self.assertIn("changed since: site", said)
            self.assertIn("(stale)", said)
        self.assertEqual(self.ada.get(unit)["members"]["site"], "London")

    def test_no_host_leaves_the_scope_without_a_second_person(self):
        host = self.enrolled_host()
        in_scope = lambda: len(json.loads(self.ada.annexa("hosts", "--format", "json").stdout))
        out = self.ada.made("set", "scope_exclusion", "title=The old one", f"host={host}", "reason=switched off")
        self.assertEqual(in_scope(), 1)
        self.assertIn("(forbidden)", self.ada.refused("isms", "approve", out))
        self.assertIn("(forbidden)", self.carol.refused("isms", "approve", out))
        self.assertEqual(in_scope(), 1)
        rule = self.ada.made("set", "scope", "title=Scope", "rule=[{any_of: [{by: name, value: nothing-is-called-so}]}]")
        self.assertIn("(forbidden)", self.ada.refused("isms", "approve", rule))
        self.assertEqual(in_scope(), 1)
        self.bob.isms("approve", out)
        self.assertEqual(in_scope(), 0)

    def test_an_editor_does_not_make_the_account_of_another_person_their_own(self):
        grace = self.ada.made("set", "person", "title=Grace")
        for account in (self.bob.account, self.carol.account):
            self.assertIn("by an administrator alone", self.bob.refused("isms", "set", grace, f"account={account}"))
        self.ada.isms("set", grace, f"account={self.carol.account}")
        self.assertIn("by an administrator alone", self.bob.refused("isms", "set", grace, "account="))
        self.assertIn("has the same", self.ada.refused("isms", "set", "person", "title=Carol", f"account={self.carol.account}"))
        self.bob.made("set", "person", "title=Bob", f"account={self.bob.account}")

    def test_an_auditor_who_owns_the_audited_host_does_not_audit_it(self):
        host = self.enrolled_host()
        carol = self.ada.made("set", "person", "title=Carol", f"account={self.carol.account}")
        asset = self.ada.made("set", "asset", "title=Web server", "type=hardware", f"hosts={host}", f"owner={carol}")
        plan = ("set", "audit", "title=Audit", "requirements=A.8.5", f"hosts={host}", f"auditors[0]={{person: {carol}, competence: c}}")
        said = self.carol.refused("isms", *plan)
        self.assertIn("not independent", said)
        self.ada.isms("set", asset, "owner=")
        self.carol.made(*plan)


if __name__ == "__main__":
    unittest.main(verbosity=2)
