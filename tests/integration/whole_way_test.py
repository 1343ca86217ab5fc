"""The main job with the real programs: enrol, collect, sign, ship, verify, log, evaluate, show."""
import csv
import io
import json
import os
import pathlib
import tempfile
import unittest

from real_programs import BIN, Case, run, wait_for


def tested(status):
    """Checks that looked at a host and said something: never those that are missing, stale or in error."""
    return {check["check"] for control in status["controls"] for check in control["checks"] for state in ("pass", "fail", "overdue") if state in check["states"]}


def unknown(status):
    return {check["check"] for control in status["controls"] for check in control["checks"] for state in ("missing", "stale") if state in check["states"]}


class WholeWay(Case):
    def test_facts_of_this_host_become_the_status_of_annex_a(self):
        store = self.store()
        empty = store.status()
        self.assertEqual(len(empty["controls"]), 93)
        self.assertEqual(empty["hosts_in_scope"], 0)
        agent = self.agent(store)
        wait_for("a receipt", lambda: agent.acknowledged() >= 1, 120)
        # What reads every file comes by itself, after what is quick.
        wait_for("evidence of everything", lambda: not unknown(store.status()), 120)
        status = store.status()
        self.assertEqual(len(status["controls"]), 93)
        self.assertGreater(len(tested(status)), 20)
        self.assertEqual([c["id"] for c in status["controls"] if c["status"] == "effective"], [])
        self.assertTrue(all(c["sentence"] for c in status["controls"]))
        self.assertEqual(agent.end(), 0)
        self.assertEqual(store.end(), 0)
        self.assertEqual(store.check().returncode, 0, store.check().stdout)

    def test_evidence_show_verifies_and_a_reader_may_not_decide(self):
        store = self.store()
        agent = self.agent(store)
        wait_for("a receipt", lambda: agent.acknowledged() >= 1, 120)
        statements = store.statements()
        self.assertGreaterEqual(len(statements), 1)
        shown = json.loads(store.annexa("evidence", "show", str(statements[-1]["index"]), "--format", "json").stdout)
        self.assertTrue(shown["verified"], [f for f in shown["findings"] if not f["holds"]])
        self.assertGreater(len(shown["tables"]), 20)
        self.assertEqual(shown["statement"]["predicate"]["sequence"], 1)
        reader = store.token("reader")
        refused = store.annexa("policy", "adopt", "linux-baseline", token=reader, check=False)
        self.assertEqual(refused.returncode, 2)
        self.assertIn("forbidden", refused.stderr)

    def test_adoption_and_waivers_go_into_the_log_and_count_from_then_on(self):
        store = self.store()
        agent = self.agent(store)
        wait_for("a receipt", lambda: agent.acknowledged() >= 1, 120)
        self.assertIn("default", {c["rule"] for c in store.status()["controls"]})
        store.annexa("policy", "adopt", "linux-baseline", "--set", "password_max_days=90")
        self.assertIn("adopted", {c["rule"] for c in store.status()["controls"]})
        shown = json.loads(store.annexa("policy", "show", "linux-baseline", "--format", "json").stdout)
        self.assertEqual([p["value"] for p in shown["parameters"] if p["name"] == "password_max_days"], [90])
        findings = json.loads(store.annexa("findings", "--format", "json").stdout)
        if findings:
            other = store.token("approver")
            asked = json.loads(store.annexa("waive", findings[0]["check"], "--reason", "a test", "--until", "2027-03-31", "--format", "json").stdout)
            self.assertEqual(asked["state"], "proposed")
            own = store.annexa("waivers", "approve", asked["id"], check=False)
            self.assertEqual(own.returncode, 2, "who asks may not approve")
            store.annexa("waivers", "approve", asked["id"], token=other)
            states = {f["state"] for f in json.loads(store.annexa("findings", "--check", findings[0]["check"], "--format", "json").stdout)}
            self.assertEqual(states, {"waived"})

    def test_status_as_of_a_time_before_a_change_is_the_one_before_it(self):
        """The host changes for the agent alone: it runs in a mount namespace with an /etc/ssh of its own."""
        if os.geteuid() != 0 or not pathlib.Path("/usr/sbin/sshd").exists():
            self.skipTest("needs root for a mount namespace, and sshd")
        store = self.store()
        etc_ssh = self.folder / "ssh"
        run("cp", "-a", "/etc/ssh", etc_ssh)
        setting = etc_ssh / "sshd_config.d" / "00-test.conf"
        setting.parent.mkdir(exist_ok=True)
        setting.write_text("PermitRootLogin no\n")
        namespace = ("unshare", "-m", "sh", "-c", f'mount --bind "{etc_ssh}" /etc/ssh && exec "$@"', "agent")
        agent = self.agent(store, prefix=namespace)
        wait_for("a receipt", lambda: agent.acknowledged() >= 1, 120)

        def root_login(*when):
            control = store.status("--control", "A.8.5", *when)["controls"][0]
            return control["operation"], [c["states"] for c in control["checks"] if c["check"] == "ssh-root-login"]

        _, before = root_login()
        self.assertEqual(before, [{"pass": 1}])
        between = store.status()["at"]
        setting.write_text("PermitRootLogin yes\nPasswordAuthentication no\n")
        agent.collect_now()
        wait_for("the second receipt", lambda: agent.acknowledged() >= 2, 120)
        operation, now = root_login()
        self.assertEqual(now, [{"overdue": 1}])
        self.assertEqual(operation, "not_effective")
        _, then = root_login("--at", between)
        self.assertEqual(then, [{"pass": 1}])
        _, known = root_login("--known-at", between)
        self.assertEqual(known, [{"pass": 1}])
        self.check_period(store, between)

    def check_period(self, store, between):
        """The same over a period: a day alone is all of it, and now is its end where none is given."""
        control = store.status("--from", between[:10], "--control", "A.8.5")["controls"][0]
        check = next(c for c in control["checks"] if c["check"] == "ssh-root-login")
        self.assertEqual(control["operation"], "not_effective")
        self.assertEqual([(i["check"], i["closed"]) for i in check["intervals"]], [("ssh-root-login", None)])
        self.assertTrue(check["overdue_at_end"])
        self.assertGreater(check["host_days"]["pass"], 0)
        self.assertGreater(check["host_days"]["overdue"], 0)
        self.assertAlmostEqual(sum(check["host_days"].values()), check["host_days_in_scope"])
        rows = list(csv.DictReader(io.StringIO(store.annexa("status", "--from", between[:10], "--format", "csv").stdout)))
        self.assertEqual(len(rows), 93)
        self.assertIn("not_effective", {row["operation"] for row in rows})
        text = store.annexa("status", "--from", between[:10], "--control", "A.8.5").stdout
        self.assertIn("not closed by the end", text)
        self.assertEqual(store.annexa("status", "--from", between[:10], "--fail-on", "not_effective", check=False).returncode, 1)
        for wrong in (("--to", between), ("--from", between, "--at", between), ("--from", between, "--to", "2020-01-01"), ("--from", "2999-01-01")):
            self.assertEqual(store.annexa("status", *wrong, check=False).returncode, 2, wrong)


if __name__ == "__main__":
    unittest.main(verbosity=2)
