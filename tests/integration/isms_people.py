"""People who keep the records of a store over its HTTP API, and a clock for its programs that can be moved on."""
import base64
import json
import os
import ssl
import urllib.error
import urllib.request

import openapi
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


def token_parts(token):
    body = token.split(".", 1)[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


def bearer_of(token):
    return base64.urlsafe_b64encode(base64.b64decode(token_parts(token)["secret"])).decode().rstrip("=")


class Refused(Exception):
    def __init__(self, code, detail):
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class Person:
    def __init__(self, store, role, name):
        self.token = store.token(role, "--ttl", "366d", "--name", name)
        token = token_parts(self.token)
        self.url = token["url"]
        self.bearer = bearer_of(self.token)
        self.tls = ssl.create_default_context(cadata=base64.b64decode(token["ca"]))
        self.tls.verify_flags |= 0x200000  # X509_V_FLAG_NO_CHECK_TIME: the store's clock is another than ours
        self.account = self.call("GET", "/api/v1/session")["account"]

    def call(self, method, path, body=None, bearer=None):
        """What the store answers, held against docs/openapi.yaml: parsed JSON or bytes.

        `body`: bytes, or what is sent as JSON. `bearer`: another than the person's token; empty: none.
        """
        plain = body is None or isinstance(body, bytes)
        request = urllib.request.Request(self.url + path, method=method, data=body if plain else json.dumps(body).encode(),
                                         headers={"Content-Type": "application/octet-stream" if plain else "application/json"})
        if bearer != "":
            request.add_header("Authorization", f"Bearer {bearer or self.bearer}")
        try:
            with urllib.request.urlopen(request, context=self.tls, timeout=120) as answer:
                return self.checked(method, path, answer)
        except urllib.error.HTTPError as problem:
            said = self.checked(method, path, problem)
            raise Refused(said["code"], said["detail"]) from None

    @staticmethod
    def checked(method, path, answer):
        content_type = answer.headers.get("Content-Type", "")
        content = answer.read()
        said = json.loads(content) if "json" in content_type else content
        openapi.check_answer(method, path, answer.status, content_type, said)
        return said

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
        return json.loads(self.call("GET", f"/api/v1/blobs/{digest}"))

    def gaps(self):
        return self.call("GET", "/api/v1/isms/gaps")["gaps"]
