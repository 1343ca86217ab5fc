"""People who keep the records of a store over its HTTP API, and a clock for its programs that can be moved on."""
import base64
import json
import os
import ssl
import urllib.error
import urllib.request

from real_programs import BIN, run

FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"


class MovedClock:
    """What runs with prefix() sees the real time and `days` more; one file moves them all."""

    def __init__(self, folder):
        self.file = folder / "clock"
        self.days = 0
        self.forward(0)

    def forward(self, days):
        self.days += days
        self.file.write_text(f"+{self.days}d")

    def prefix(self):
        return ("env", f"LD_PRELOAD={FAKETIME}", f"FAKETIME_TIMESTAMP_FILE={self.file}", "FAKETIME_NO_CACHE=1",
                "FAKETIME_DONT_FAKE_MONOTONIC=1")


class Refused(Exception):
    def __init__(self, code, detail):
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class Person:
    def __init__(self, store, role, name):
        self.token = store.token(role, "--ttl", "366d", "--name", name)
        body = self.token.split(".", 1)[1]
        token = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        self.url = token["url"]
        self.bearer = base64.urlsafe_b64encode(base64.b64decode(token["secret"])).decode().rstrip("=")
        self.tls = ssl.create_default_context(cadata=base64.b64decode(token["ca"]))
        self.tls.verify_flags |= 0x200000  # X509_V_FLAG_NO_CHECK_TIME: the store's clock is another than ours
        self.account = self.call("GET", "/api/v1/session")["account"]

    def call(self, method, path, body=None):
        request = urllib.request.Request(self.url + path, method=method, data=None if body is None else json.dumps(body).encode(),
                                         headers={"Authorization": f"Bearer {self.bearer}", "Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, context=self.tls, timeout=120) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as problem:
            said = json.loads(problem.read() or b"{}")
            raise Refused(said.get("code"), said.get("detail", "")) from None

    def annexa(self, *arguments, check=True, stdin=None, **environment):
        """The command line with this person's token."""
        return run(BIN / "annexa", *arguments, env={**os.environ, "ANNEXA_TOKEN": self.token, **environment}, check=check, stdin=stdin)

    def isms(self, *arguments, **more):
        return self.annexa("isms", *arguments, **more).stdout

    def made(self, *arguments, **more):
        """The id of the record that a command made."""
        return json.loads(self.isms(*arguments, "--format", "json", **more))["id"]

    def refused(self, *arguments, **more):
        """What a command that is refused says."""
        done = self.annexa(*arguments, check=False, **more)
        if done.returncode != 2:
            raise AssertionError(f"{arguments} exited {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.stderr

    def change(self, record, **change):
        return self.call("POST", "/api/v1/isms/changes", {"changes": [{"record": record, **change}]})["applied"][0]

    def put(self, kind, **members):
        return self.change("new", kind=kind, members=members)["id"]

    def get(self, record):
        return self.call("GET", f"/api/v1/isms/records/{record}")

    def set(self, record, **members):
        shown = self.get(record)
        merged = {**shown["members"], **members}
        return self.change(record, base=shown["version"], members={k: v for k, v in merged.items() if v is not None})

    def delete(self, record):
        return self.change(record, base=self.get(record)["version"], delete=True)

    def act(self, record, action, **given):
        return self.call("POST", f"/api/v1/isms/records/{record}/actions/{action}", given)["members"]

    def approve(self, record):
        return self.call("POST", f"/api/v1/isms/records/{record}/approval", {"digest": self.get(record)["digest"], "decision": "approved"})

    def blob(self, digest):
        return self.call("GET", f"/api/v1/blobs/{digest}")

    def gaps(self):
        return self.call("GET", "/api/v1/isms/gaps")["gaps"]
