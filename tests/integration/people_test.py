"""People with the real programs: invited, signed in by password and code, with tokens of their own, and out again."""
import json
import os
import pty
import stat
import unittest

from authenticator import Authenticator
from real_programs import BIN, Case, run, wait_for

PASSWORD = "several words do well"


class Person:
    """A home folder of one's own, and an authenticator."""

    def __init__(self, test, login):
        self.login = login
        self.home = test.folder / f"home-{login}"
        self.home.mkdir()
        (self.home / "password").write_text(PASSWORD + "\n")

    def annexa(self, *arguments, check=True, stdin=None):
        environment = {key: value for key, value in os.environ.items() if key not in ("ANNEXA_TOKEN", "XDG_CONFIG_HOME")}
        return run(BIN / "annexa", *arguments, env={**environment, "HOME": str(self.home)}, check=check, stdin=stdin)

    def accept(self, invitation):
        done = self.annexa("user", "password", "--invitation-file", "-", "--password-file", self.home / "password", stdin=invitation)
        self.authenticator = Authenticator(done.stdout.strip())

    def code(self):
        return self.authenticator.code()

    def sign_in(self, code=None, check=True):
        return self.annexa("login", "--user", self.login, "--password-file", self.home / "password", "--code", code or self.code(), check=check)

    @property
    def config(self):
        return self.home / ".config" / "annexa" / "config.yaml"


class People(Case):
    def invited(self, store, login, role):
        person = Person(self, login)
        person.accept(store.annexa("user", "add", login, "--role", role, "--name", f"Name of {login}").stdout)
        return person

    def test_a_person_is_invited_signs_in_makes_a_token_and_leaves(self):
        store = self.store()
        ada = self.invited(store, "ada", "approver")
        self.assertEqual(stat.S_IMODE(ada.config.stat().st_mode), 0o600)
        refused = ada.annexa("status", check=False)  # the used invitation opens nothing
        self.assertEqual(refused.returncode, 2)
        ada.sign_in()
        self.assertEqual(stat.S_IMODE(ada.config.stat().st_mode), 0o600)
        self.assertEqual(len(json.loads(ada.annexa("status", "--format", "json").stdout)["controls"]), 93)
        ada.annexa("policy", "adopt", "linux-baseline")

        token = ada.annexa("user", "token", "make", "--name", "a report", "--role", "reader", "--ttl", "1h", "--path", "/api/v1/status").stdout
        self.assertEqual(store.annexa("status", token=token).returncode, 0)
        self.assertIn("forbidden", store.annexa("hosts", token=token, check=False).stderr)
        more = ada.annexa("user", "token", "make", "--name", "x", "--role", "admin", "--ttl", "1h", check=False)
        self.assertEqual(more.returncode, 2)
        self.assertIn("forbidden", more.stderr)

        listed = json.loads(store.annexa("user", "list", "--format", "json").stdout)
        self.assertEqual([(a["role"], a["state"]) for a in listed if a["login"] == "ada"], [("approver", "active")])
        store.annexa("user", "disable", "ada")
        self.assertIn("token", store.annexa("status", token=token, check=False).stderr)
        self.assertEqual(ada.annexa("status", check=False).returncode, 2)
        self.assertIn("sign_in_refused", ada.sign_in("000000", check=False).stderr)
        self.assertEqual(store.end(), 0)
        self.assertEqual(store.check().returncode, 0, store.check().stdout)
        for file in store.data.rglob("*"):
            if file.is_file():
                self.assertNotIn(PASSWORD.encode(), file.read_bytes(), file)
        log = (self.folder / "server.log").read_text()
        self.assertIn("sign-in refused: account ", log)
        self.assertIn("the account is disabled", log)
        self.assertNotIn(PASSWORD, log)

    def test_who_may_not_is_refused_and_an_expired_token_opens_nothing(self):
        store = self.store()
        auditor = self.invited(store, "audrey", "auditor")
        auditor.sign_in()
        self.assertEqual(auditor.annexa("hosts").returncode, 0)
        self.assertIn("audrey", auditor.annexa("user", "list").stdout)
        for command in (("policy", "adopt", "linux-baseline"), ("user", "add", "eve", "--role", "admin"), ("user", "role", "audrey", "admin"),
                        ("waive", "ssh-root-login", "--reason", "a test", "--until", "2027-03-31")):
            done = auditor.annexa(*command, check=False)
            self.assertEqual(done.returncode, 2, command)
            self.assertIn("forbidden", done.stderr)
        short = store.token("reader", "--ttl", "1s")
        wait_for("its end", lambda: "token_expired" in store.annexa("status", token=short, check=False).stderr)
        auditor.annexa("logout")
        self.assertIn("token_revoked", auditor.annexa("hosts", check=False).stderr)

    def test_one_changes_ones_password_and_codes_and_an_administrator_resets_both(self):
        store = self.store()
        bob = self.invited(store, "bob", "reader")
        bob.sign_in()
        (bob.home / "new").write_text("other words do as well\n")
        bob.annexa("user", "password", "--password-file", bob.home / "password", "--new-password-file", bob.home / "new", "--code", bob.code())
        self.assertIn("sign_in_refused", bob.sign_in("000000", check=False).stderr)
        again = store.annexa("user", "reset", "bob").stdout
        self.assertEqual(bob.annexa("status", check=False).returncode, 2)
        bob.accept(again)
        bob.used = 0
        bob.sign_in()
        self.assertEqual(bob.annexa("status").returncode, 0)

    def test_a_password_is_asked_for_on_a_terminal_and_not_shown(self):
        store = self.store()
        ada = self.invited(store, "ada", "reader")
        code = ada.code()
        child, terminal = pty.fork()
        if child == 0:
            environment = {key: value for key, value in os.environ.items() if key not in ("ANNEXA_TOKEN", "XDG_CONFIG_HOME")}
            os.execve(BIN / "annexa", ["annexa", "login", "--user", "ada", "--code", code], {**environment, "HOME": str(ada.home)})
        shown = b""
        asked = False
        while True:
            try:
                some = os.read(terminal, 4096)
            except OSError:
                break
            if not some:
                break
            shown += some
            if b"Password: " in shown and not asked:
                asked = True
                os.write(terminal, PASSWORD.encode() + b"\n")
        os.close(terminal)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0, shown)
        self.assertIn(b"logged in", shown)
        self.assertNotIn(PASSWORD.encode(), shown)


if __name__ == "__main__":
    unittest.main(verbosity=2)
