"""Each operation of docs/openapi.yaml, called on a store with a host, people and records: answers as it says."""
import datetime
import hashlib
import unittest
import urllib.parse

import openapi
from authenticator import Authenticator
from isms_people import Person, Refused, bearer_of
from real_programs import Case, wait_for

OUR_CHECK = """
id: our-accounts
title: Nobody is called nobody
topic: accounts
severity: low
controls: [{id: A.5.16, strength: partial}]
needs: [users]
population: SELECT username FROM users
violations: SELECT username, uid AS found, 'another name' AS wanted, '/etc/passwd' AS source FROM users WHERE username = 'x'
key: [username]
max_age: 26h
rationale: An example.
remediation: Rename it.
"""


class OpenApi(Case):
    def setUp(self):
        super().setUp()
        self.server = self.store()
        self.ada = Person(self.server, "admin", "Ada")
        self.bob = Person(self.server, "approver", "Bob")

    def test_each_operation_answers_as_the_document_says(self):
        ada, bob = self.ada, self.bob
        agent = self.agent(self.server)
        wait_for("a receipt", lambda: agent.acknowledged() >= 1, 240)
        tomorrow = (datetime.datetime.now(datetime.timezone.utc).date() + datetime.timedelta(days=1)).isoformat()

        # what is known of hosts
        status = ada.call("GET", "/api/v1/status")
        ada.call("GET", "/api/v1/status?control=A.8.5")
        ada.call("GET", f"/api/v1/status?from={urllib.parse.quote('2026-01-01T00:00:00Z')}")
        host = ada.call("GET", "/api/v1/hosts")["hosts"][0]
        ada.call("GET", f"/api/v1/status?host={host['name']}")
        ada.call("POST", f"/api/v1/hosts/{host['id']}/acknowledgement", {})
        check = ada.call("GET", "/api/v1/checks")["checks"][0]
        self.assertTrue(ada.call("GET", "/api/v1/findings")["findings"], "a host of which nothing is found says nothing of findings")
        index = ada.call("GET", "/api/v1/evidence?limit=1")["evidence"][0]["index"]
        entry = ada.call("GET", f"/api/v1/evidence/{index}")
        ada.call("GET", "/api/v1/evidence/0")
        digest = next(table["sha256"] for result in entry["statement"]["results"] for table in result["tables"] if table["held"])
        ada.call("GET", f"/api/v1/blobs/{digest}")
        self.assertTrue(ada.call("GET", "/log/checkpoint").decode().startswith(status["checkpoint"].split("\n")[0]))
        ada.call("GET", f"/log/tile/entries/000.p/{int(ada.call('GET', '/log/checkpoint').decode().splitlines()[1])}")

        # rules
        pack = ada.call("GET", "/api/v1/policies")["packs"][0]["pack"]
        bob.call("PUT", f"/api/v1/policies/{pack}/adoption", {"parameters": {}, "tolerances": {check["check"]: 1}})
        ada.call("GET", f"/api/v1/policies/{pack}")
        with self.assertRaises(Refused):
            bob.call("PUT", "/api/v1/policies/ours", {"files": {"pack.yaml": "pack: ours\nversion: 1\n"}})
        bob.call("PUT", "/api/v1/policies/ours", {"files": {"pack.yaml": "pack: ours\nversion: 1\ntitle: Ours\n", "checks/our-accounts.yaml": OUR_CHECK}})
        waiver = ada.call("POST", "/api/v1/waivers", {"check": check["check"], "reason": "being mended", "until": tomorrow})["id"]
        bob.call("POST", f"/api/v1/waivers/{waiver}/decision", {"decision": "approved"})
        ada.call("GET", "/api/v1/waivers")

        # records
        ada.call("GET", "/api/v1/isms/kinds")
        made = ada.call("POST", "/api/v1/isms/changes", {"changes": [{"record": "new", "kind": "asset", "members": {"title": "Web server", "type": "hardware"}}]})
        record = made["applied"][0]["id"]
        with self.assertRaises(Refused):
            ada.call("POST", "/api/v1/isms/changes", {"changes": [{"record": "new", "kind": "asset", "members": {"colour": "red"}}]})
        shown = ada.call("GET", f"/api/v1/isms/records/{record}")
        bob.call("POST", f"/api/v1/isms/records/{record}/approval", {"digest": shown["digest"], "decision": "approved"})
        ada.call("GET", f"/api/v1/isms/records/{record}?version=1")
        ada.call("GET", "/api/v1/isms/records?deleted=yes")
        ada.call("GET", "/api/v1/isms/gaps")
        ada.call("GET", "/api/v1/isms/due?days=3660")
        self.issue_statement()
        erased = ada.put("person", title="Mallory")
        ada.call("POST", f"/api/v1/isms/records/{erased}/erasure", {"ground": "asked for"})
        content = b"minutes of a meeting"
        file = hashlib.sha256(content).hexdigest()
        ada.call("PUT", f"/api/v1/files/{file}", content)
        self.assertEqual(ada.call("GET", f"/api/v1/files/{file}"), content)

        # people
        invited = ada.call("POST", "/api/v1/accounts", {"login": "carol", "name": "Carol", "role": "auditor"})
        ada.call("GET", "/api/v1/accounts")
        invited = ada.call("POST", f"/api/v1/accounts/{invited['id']}/invitation", {})
        ada.call("PUT", f"/api/v1/accounts/{invited['id']}/role", {"role": "reader"})
        password = "correct horse battery staple"
        phone = Authenticator(ada.call("POST", "/api/v1/invitation", {"password": password}, bearer=bearer_of(invited["invitation"]["token"]))["uri"])
        secret = ada.call("POST", "/api/v1/session", {"name": "carol", "password": password, "code": phone.code()}, bearer="")["secret"]
        ada.call("GET", "/api/v1/session", bearer=secret)
        another = "another correct horse battery"
        ada.call("PUT", "/api/v1/session/password", {"password": password, "code": phone.code(), "new_password": another}, bearer=secret)
        ada.call("PUT", "/api/v1/session/code", {"password": another, "code": phone.code()}, bearer=secret)
        token = ada.call("POST", "/api/v1/tokens", {"name": "dashboard", "role": "reader", "ttl_s": 3600, "paths": ["/api/v1/status"]}, bearer=secret)["id"]
        ada.call("GET", "/api/v1/tokens", bearer=secret)
        ada.call("DELETE", f"/api/v1/tokens/{token}", bearer=secret)
        ada.call("DELETE", "/api/v1/session", bearer=secret)
        ada.call("PUT", f"/api/v1/accounts/{invited['id']}/state", {"state": "disabled"})

        # for those who run it
        for path in ("/healthz", "/readyz", "/metrics"):
            ada.call("GET", path)

        self.assertEqual(openapi.answered, {each["operationId"] for _, _, _, each in openapi.operations()})

    def issue_statement(self):
        """Every control decided, a Statement issued, one row changed since."""
        ada = self.ada
        rows = ada.call("GET", "/api/v1/isms/soa")["rows"]
        changes = [{"record": f"new{i}", "kind": "applicability", "members": {
            "title": row["control"], "control": row["control"], "applicable": True, "ground": ["good_practice"],
            "justification": "It is good practice", "implementation": "fully", "how": "It is in place"}} for i, row in enumerate(rows)]
        ada.call("POST", "/api/v1/isms/changes", {"changes": changes})
        statement = ada.put("statement", title="Statement of Applicability")
        ada.call("POST", f"/api/v1/isms/records/{statement}/actions/issue", {})
        number = ada.call("GET", "/api/v1/isms/soa")["statement"]["number"]
        self.assertEqual(len(ada.call("GET", f"/api/v1/isms/soa?number={number}")["rows"]), 93)
        first = ada.call("GET", "/api/v1/isms/records?kind=applicability")["records"][0]
        ada.set(first["id"], how="It is in place everywhere")
        differences = ada.call("GET", f"/api/v1/isms/soa/differences?from={number}")["differences"]
        self.assertEqual([each["member"] for each in differences], ["how"])


if __name__ == "__main__":
    unittest.main()
