"""A year of a management system with three people: Ada and Bob may approve, Carol audits; the clock is moved on."""
import datetime
import hashlib
import json
import os
import pathlib
import unittest

from isms_people import FAKETIME, MovedClock, Person, Refused
from real_programs import Case, Store, run, wait_for

CHECK = "ssh-root-login"


class IsmsYear(Case):
    def setUp(self):
        super().setUp()
        if os.geteuid() != 0 or not pathlib.Path("/usr/sbin/sshd").exists() or not pathlib.Path(FAKETIME).exists():
            self.skipTest("needs root for a mount namespace, sshd and faketime")
        self.clock = MovedClock(self.folder)
        self.store = Store(self.folder)
        self.started.append(self.store)
        self.store.start(self.clock.prefix())
        self.ada = Person(self.store, "admin", "Ada")
        self.bob = Person(self.store, "approver", "Bob")
        self.carol = Person(self.store, "auditor", "Carol")
        self.persons = {each: self.ada.put("person", title=name, account=each.account)
                        for each, name in ((self.ada, "Ada"), (self.bob, "Bob"), (self.carol, "Carol"))}
        self.sshd = self.folder / "ssh" / "sshd_config.d" / "00-test.conf"
        run("cp", "-a", "/etc/ssh", self.folder / "ssh")
        self.sshd.parent.mkdir(exist_ok=True)

    def today(self, days=0):
        return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=self.clock.days + days)).date().isoformat()

    def refused(self, code, call):
        with self.assertRaises(Refused) as caught:
            call()
        self.assertEqual(caught.exception.code, code, caught.exception.detail)
        return caught.exception.detail

    def begin_host(self):
        """A host whose sshd lets root in; it sees its own /etc/ssh alone."""
        self.sshd.write_text("PermitRootLogin yes\n")
        ssh = self.folder / "ssh"
        self.agent_of_host = self.agent(self.store, every="24h", prefix=(
            *self.clock.prefix(), "unshare", "-m", "sh", "-c", f'mount --bind "{ssh}" /etc/ssh && exec "$@"', "agent"))
        wait_for("a receipt", lambda: self.agent_of_host.acknowledged() >= 1, 240)
        return self.ada.call("GET", "/api/v1/hosts")["hosts"][0]["id"]

    def collect(self):
        before = self.agent_of_host.acknowledged()
        self.agent_of_host.collect_now()
        wait_for("another receipt", lambda: self.agent_of_host.acknowledged() > before, 240)

    def state_of_check(self):
        control = self.ada.call("GET", "/api/v1/status?control=A.8.5")["controls"][0]
        return next(check["states"] for check in control["checks"] if check["check"] == CHECK)

    def set_up(self):
        """Steps 1 to 8: scope, policy, risks, plan and the first Statement of Applicability."""
        ada, bob = self.ada, self.bob
        scope = ada.put("scope", title="The web shop", statement="All that sells", boundaries="Not the canteen", interfaces="The bank",
                        rule=[{"any_of": [{"by": "network", "value": "0.0.0.0/0"}]}])
        self.refused("forbidden", lambda: ada.approve(scope))
        bob.approve(scope)
        policy = ada.put("document", title="Information security policy", type="information_security_policy", label="1.0",
                         text="We keep what we are trusted with.", rule_for=["A.5.1"], binds_everybody=True, owner=self.persons[bob],
                         says=["scope", "objectives", "commitment", "roles", "risk_approach", "enforcement", "incident_handling", "review"])
        self.refused("forbidden", lambda: ada.approve(policy))
        bob.approve(policy)
        for each in (ada, bob, self.carol):  # even who may write nothing says for himself that he has read it
            each.act(policy, "acknowledge", digest=ada.get(policy)["approved"]["digest"])
        scale = [{"value": value, "label": label} for value, label in ((1, "low"), (2, "middle"), (3, "high"))]
        criteria = ada.put("criteria", title="How we rate", likelihood_scale=scale, impact_scale=scale, level_function="product", acceptance_line=2)
        bob.approve(criteria)
        data = ada.put("asset", title="Customers' data", type="information", owner=self.persons[ada])
        risk = ada.put("risk", title="Somebody signs in as root", scenario="A guessed password opens everything", assets=[data], likelihood=3,
                       impact=3, owner=self.persons[bob], checks=[CHECK], controls=["A.8.5"])
        self.assertEqual(ada.get(risk)["members"]["level"], 9)
        assessment = ada.put("assessment", title="First assessment", method="Two of us over the assets", participants=[self.persons[ada], self.persons[bob]],
                             trigger="planned")
        self.assertEqual(ada.act(assessment, "freeze")["above_line"], 1)
        bob.approve(assessment)
        self.action = ada.put("action", title="Root signs in no more", description="PermitRootLogin no", implementers=[self.persons[ada]],
                              due=self.today(40), controls=["A.8.5"], checks=[CHECK])
        treatment = ada.put("treatment", title="Close the door", risk=risk, option="modify", controls=["A.8.5"], actions=[self.action],
                            residual_likelihood=2, residual_impact=3)
        accepted = {"until": self.today(200), "reason": "until the image is mended"}
        self.refused("forbidden", lambda: ada.act(treatment, "accept", **accepted))
        bob.act(treatment, "accept", **accepted)
        plan = ada.put("plan", title="Plan of the year", summary="No sign-in as root")
        self.assertEqual(ada.act(plan, "freeze")["treatments"], 1)
        bob.approve(plan)
        for record, words in ((assessment, "Somebody signs in as root"), (plan, "Close the door")):
            self.assertIn(words, self.report(record))
        self.issue_first_statement(risk)

    def report(self, record, *more):
        return self.carol.annexa("isms", "report", record, *more).stdout

    def issue_first_statement(self, risk):
        ada, bob = self.ada, self.bob
        changes = []
        for row in ada.call("GET", "/api/v1/isms/soa")["rows"]:
            control = row["control"]
            members = {"title": row["title"], "control": control, "applicable": True, "ground": ["good_practice"], "justification": "Everybody does",
                       "implementation": "fully", "how": "As the handbook says"}
            if control == "A.8.5":
                members |= {"ground": ["risk"], "based_on": [risk], "implementation": "planned", "planned_until": self.today(40)}
            if control == "A.8.30":
                members = {"title": row["title"], "control": control, "applicable": False, "exclusion": "Nobody develops for us"}
            changes.append({"record": control, "kind": "applicability", "members": members})
        self.assertEqual(len(ada.call("POST", "/api/v1/isms/changes", {"changes": changes})["applied"]), 93)
        rows = {row["control"]: row["record"] for row in ada.call("GET", "/api/v1/isms/soa")["rows"]}
        self.assertIn("rests on A.8.5", self.refused("schema", lambda: ada.set(
            rows["A.8.5"], applicable=False, exclusion="no", ground=None, based_on=None, implementation=None, planned_until=None, how=None)))
        self.statement = ada.put("statement", title="Statement of Applicability")
        issued = ada.act(self.statement, "issue")
        self.assertEqual((issued["number"], issued["undecided"], issued["excluded"]), ("1.0", 0, ["A.8.30"]))
        self.refused("forbidden", lambda: ada.approve(self.statement))
        self.assertNotEqual(self.status_of("A.8.30"), "excluded")
        bob.approve(self.statement)
        self.assertEqual(self.status_of("A.8.30"), "excluded")

    def status_of(self, control):
        return self.ada.call("GET", f"/api/v1/status?control={control}")["controls"][0]["status"]

    def issue_second_statement(self):
        """The action was verified by later evidence; closing it changed the row of its control."""
        ada, bob = self.ada, self.bob
        self.assertEqual(ada.act(self.statement, "issue")["number"], "1.1")
        self.assertEqual(ada.call("GET", "/api/v1/isms/soa")["in_force"]["number"], "1.0")
        bob.approve(self.statement)
        sheet = ada.call("GET", "/api/v1/isms/soa")
        self.assertEqual((sheet["in_force"]["number"], sheet["single_person"], len(sheet["rows"])), ("1.1", False, 93))
        differences = ada.call("GET", "/api/v1/isms/soa/differences?from=1.0&to=1.1")["differences"]
        self.assertEqual(differences, [{"control": "A.8.5", "member": "implementation", "from": "planned", "to": "fully"}])

    def audit(self, host):
        ada, bob, carol = self.ada, self.bob, self.carol
        programme = ada.put("audit_programme", title="The cycle", **{"from": self.today(-30), "to": self.today(335)})
        audit = carol.put("audit", title="Audit of sign-in", programme=programme, objective="Whether sign-in is as decided",
                          scope="All servers", criteria="ISO/IEC 27001:2022", requirements=["A.8.5", "9.1"],
                          period_from=self.today(-30), period_to=self.today(), methods=["sampling", "reperformance"],
                          auditors=[{"person": self.persons[carol], "competence": "Lead auditor since 2020", "lead": True}])
        nonce = "what only Carol knows of this audit, 0c1d2e3f"
        self.refused("conflict", lambda: carol.act(audit, "freeze", of="hosts"))
        carol.act(audit, "commit_nonce", nonce_hash=hashlib.sha256(nonce.encode()).hexdigest())
        carol.act(audit, "freeze", of="hosts")
        drawn = carol.act(audit, "draw", population="hosts", method="random", size=1, nonce=nonce)["samples"][0]
        self.assertEqual(drawn["items"], [host])
        index = carol.call("GET", "/api/v1/evidence?limit=1")["evidence"][0]["index"]
        carol.act(audit, "verify_evidence", evidence=[index])
        found = carol.put("nonconformity", title="Nobody measures", source="internal_audit", audit=audit, requirements=["9.1"],
                          facts="There is no list of what is measured", grade="minor", owner=self.persons[ada])
        self.refused("schema", lambda: carol.act(audit, "report", summary="s", conclusion="c"))
        carol.set(audit, results=[
            {"requirement": "A.8.5", "result": "conforming", "facts": "Root does not sign in", "evidence": [index]},
            {"requirement": "9.1", "result": "minor", "facts": "There is no list", "nonconformity": found}],
            reperformances=[{"host": host, "check": CHECK, "done_on": self.today(), "how": "sshd -T | grep permitrootlogin", "agreed": True}])
        report = carol.act(audit, "report", summary="One thing is lacking", conclusion="Mostly met")["report"]
        self.refused("forbidden", lambda: carol.approve(audit))
        bob.approve(audit)
        self.refused("schema", lambda: carol.set(audit, results=[]))
        self.refused("forbidden", lambda: carol.delete(audit))
        shown = bob.blob(report["digest"])
        self.assertEqual(shown["reperformed"], {"hosts_looked_at": 1, "agreed": 1, "disagreed": 0})
        self.assertEqual(shown["nonconformities"][0]["record"], found)
        self.assertIn("Audit of sign-in", json.dumps(shown))
        return audit

    def review(self):
        ada, bob = self.ada, self.bob
        review = ada.put("review", title="Review of the year", held_on=self.today(), period_from=self.today(-300),
                         chair=self.persons[bob], interval_months=12,
                         attendees=[{"person": self.persons[ada], "present": True}, {"person": self.persons[bob], "present": True}])
        inputs = ada.blob(ada.act(review, "gather")["inputs"]["digest"])
        self.assertEqual(inputs["d"]["nonconformities"]["raised"], 2)
        self.assertEqual(inputs["d"]["nonconformities"]["closed"], 1)
        self.assertEqual(inputs["d"]["audits"][0]["state"], "signed_off")
        self.assertEqual(len(inputs["d"]["monitoring"]["controls"]), 93)
        self.assertEqual([len(inputs["f"][each]) for each in ("assessments", "risks", "treatments")], [1, 1, 2])
        self.refused("schema", lambda: ada.act(review, "minutes"))
        ada.set(review, issue_changes="none", party_changes="none", feedback="none", opportunities="fewer passwords", changes_needed="none",
                resources_needed="two days a month", conclusion="suitable, adequate and effective",
                decisions=[{"decision": "go on", "input": "d", "no_action": "nothing changes"}])
        self.assertIn("suitable, adequate", json.dumps(ada.act(review, "minutes")))
        page = self.report(review)
        self.assertIn("Review of the year", page)
        self.assertIn("suitable, adequate and effective", page)
        self.assertIn("D · monitoring", self.report(review, "--of", "inputs"))
        pdf = self.folder / "minutes.pdf"
        self.report(review, "--format", "pdf", "--out", pdf)
        self.assertTrue(pdf.read_bytes().startswith(b"%PDF-"))
        self.refused("forbidden", lambda: ada.approve(review))
        bob.approve(review)
        self.refused("schema", lambda: ada.set(review, conclusion="not effective"))

    def test_a_year_of_three_people_leaves_a_store_that_holds(self):
        ada, bob, carol = self.ada, self.bob, self.carol
        self.set_up()
        host = self.begin_host()
        self.assertEqual(self.state_of_check(), {"overdue": 1})

        # A failing check becomes a nonconformity; meanwhile it is waived, by two people, not for ever.
        wrong = ada.put("nonconformity", title="Root signs in", source="check", check=CHECK, hosts=[host], requirements=["A.8.5"],
                        facts="PermitRootLogin is yes", grade="minor", owner=self.persons[ada])
        self.refused("schema", lambda: ada.call("POST", "/api/v1/waivers", {"check": CHECK, "reason": "being mended"}))
        waiver = ada.call("POST", "/api/v1/waivers", {"check": CHECK, "reason": "being mended", "until": self.today(20)})["id"]
        self.refused("forbidden", lambda: ada.call("POST", f"/api/v1/waivers/{waiver}/decision", {"decision": "approved"}))
        bob.call("POST", f"/api/v1/waivers/{waiver}/decision", {"decision": "approved"})
        self.assertEqual(self.state_of_check(), {"waived": 1})
        self.refused("forbidden", lambda: carol.put("asset", title="Server room", type="site"))
        self.refused("forbidden", lambda: ada.delete(wrong))

        # The waiver ends. What is not mended is not closed; a later retest lets it close.
        self.clock.forward(21)
        self.collect()
        self.assertEqual(self.state_of_check(), {"overdue": 1})
        ada.act(wrong, "correct", correction="root may not sign in", done_on=self.today(), consequences="nobody had used it")
        ada.act(wrong, "cause", cause="the image has it so", method="five_whys", similar_cases="no other host")
        ada.act(wrong, "plan", actions=[self.action], effectiveness_criterion="no host fails", effectiveness_due=self.today(60))
        self.assertIn("corrective action", self.refused("conflict", lambda: ada.act(wrong, "close")))
        # So is an action: done is what later evidence says.
        ada.set(self.action, state="done")
        self.assertIn(CHECK, self.refused("conflict", lambda: bob.act(self.action, "verify", note="looked at it")))
        self.refused("conflict", lambda: ada.act(self.action, "close", residual_likelihood=1, residual_impact=2, implementation="fully"))
        self.sshd.write_text("PermitRootLogin no\n")
        self.collect()
        self.assertIn("corrective action", self.refused("conflict", lambda: ada.act(wrong, "close")))
        self.refused("forbidden", lambda: ada.act(self.action, "verify", note="my own work"))
        bob.act(self.action, "verify", note="sshd -T on the host")
        ada.act(self.action, "close", residual_likelihood=1, residual_impact=2, implementation="fully")
        self.issue_second_statement()
        closed = ada.act(wrong, "close", note="mended")["closed"]
        self.assertEqual([each["outcome"] for each in closed["retest"]], ["passed"])

        # An auditor who owns the audited host is refused; one who does not audits it.
        asset = ada.put("asset", title="Web server", type="hardware", hosts=[host], owner=self.persons[carol])
        self.assertIn("not independent", self.refused("schema", lambda: self.audit(host)))
        ada.set(asset, owner=self.persons[ada])
        self.ada.set(self.programme_left(), title="The cycle that was refused")
        self.audit(host)

        # It did not come back, says another than the owner; then top management looks at the year.
        self.clock.forward(61)
        self.collect()
        effective = {"effective": True, "facts": "no host failed"}
        self.refused("forbidden", lambda: ada.act(wrong, "check_effectiveness", **effective))
        bob.act(wrong, "check_effectiveness", **effective)
        self.review()

        self.assertEqual(self.agent_of_host.end(), 0)
        self.assertEqual(self.store.end(), 0)
        checked = self.store.check()
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)

    def programme_left(self):
        return self.ada.call("GET", "/api/v1/isms/records?kind=audit_programme")["records"][0]["id"]


if __name__ == "__main__":
    unittest.main(verbosity=2)
