"""Runs the real programs on loopback, each test in a temporary folder of its own. No sleeps: wait_for() a condition."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

from waiting import wait_for

BIN = pathlib.Path(os.environ["ANNEXA_BIN"])


def run(*command, env=None, check=True, stdin=None):
    done = subprocess.run([str(c) for c in command], env=env, input=stdin, capture_output=True, text=True, timeout=120)
    if check and done.returncode != 0:
        raise AssertionError(f"{command} exited {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done


class Store:
    def __init__(self, folder, data=None):
        self.folder = folder
        self.data = data or folder / "store"
        self.process = None
        self.ports = ("0", "0")
        run(BIN / "annexa-server", "init", "--data", self.data, "--organization", "Example Ltd", "--name", "localhost")

    def start(self, prefix=()):
        urls = self.data / "run" / "urls"
        urls.unlink(missing_ok=True)
        with open(self.folder / "server.log", "ab") as log:
            self.process = subprocess.Popen([*prefix, BIN / "annexa-server", "run", "--data", self.data, "--agents", f"127.0.0.1:{self.ports[0]}",
                                             "--people", f"127.0.0.1:{self.ports[1]}"], stdout=log, stderr=log)
        wait_for("the store's urls", lambda: urls.exists() and urls.read_text().count("https://") == 2 and self.alive())
        # The same ports again after a restart: tokens and agents name them.
        found = {line.split()[0]: line.rsplit(":", 1)[1].strip() for line in urls.read_text().splitlines()}
        self.ports = (found["agents"], found["people"])

    def alive(self):
        if self.process.poll() is not None:
            raise AssertionError("the store ended:\n" + (self.folder / "server.log").read_text()[-2000:])
        return True

    def end(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        code = self.process.wait(timeout=60)
        self.process = None
        return code

    def token(self, role, *more):
        return json.loads(run(BIN / "annexa-server", "token", "create", "--data", self.data, "--role", role, "--format", "json", *more).stdout)["token"]

    def files_with(self, word):
        """Files of the data folder that hold a word: in any case, as UTF-8 or UTF-16, compressed or not."""
        words = [word.lower().encode(), word.lower().encode("utf-16-le")]
        found = []
        for path in self.data.rglob("*"):
            if not path.is_file():
                continue
            content = path.read_bytes()
            if content.startswith(b"\x28\xb5\x2f\xfd"):
                content += subprocess.run(["zstd", "-dcq"], input=content, capture_output=True, check=True).stdout
            if any(each in content.lower() for each in words):
                found.append(str(path))
        return found

    def check(self):
        return run(BIN / "annexa-server", "check", "--data", self.data, check=False)

    def annexa(self, *arguments, token=None, check=True):
        if token is None:
            if not hasattr(self, "admin"):
                self.admin = self.token("admin")
            token = self.admin
        return run(BIN / "annexa", *arguments, env={**os.environ, "ANNEXA_TOKEN": token}, check=check)

    def status(self, *arguments):
        return json.loads(self.annexa("status", "--format", "json", *arguments).stdout)

    def statements(self):
        return json.loads(self.annexa("evidence", "list", "--limit", "1000", "--format", "json").stdout)


class Agent:
    def __init__(self, folder, name="agent", every="1h"):
        self.folder = folder / name
        self.folder.mkdir(exist_ok=True)
        self.config = self.folder / "agent.yaml"
        self.state = self.folder / "state"
        # Those that read every file of this machine have tests of their own; here each agent would wait a minute for them.
        self.config.write_text(f"state: {self.state}\nsocket: {self.folder}/socket\nschedule: {{default: {{every: {every}, splay: 0s}}}}\n"
                               "collectors: {disable: [conffiles, exposed_files, package_integrity]}\n")
        self.process = None

    def enroll(self, token):
        return run(BIN / "annexa-agent", "enroll", "--config", self.config, "--token-file", "-", stdin=token)

    def start(self, prefix=()):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen([*prefix, BIN / "annexa-agent", "run", "--config", self.config], stdout=log, stderr=log)

    def end(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        code = self.process.wait(timeout=60)
        self.process = None
        return code

    def status(self):
        done = run(BIN / "annexa-agent", "status", "--config", self.config, "--format", "json", check=False)
        return json.loads(done.stdout) if done.stdout.startswith("{") else {}

    def acknowledged(self):
        return self.status().get("acknowledged") or 0

    def collect_now(self):
        return run(BIN / "annexa-agent", "collect-now", "--config", self.config)


class Case(unittest.TestCase):
    """A test with a folder of its own; what it started ends with it, by the ids that it started."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="annexa-integration-"))
        self.started = []
        self.addCleanup(self.clean_up)

    def clean_up(self):
        for each in self.started:
            if each.process is not None and each.process.poll() is None:
                each.process.kill()
                each.process.wait()
        outcome = getattr(self, "_outcome", None)
        if outcome is not None and not outcome.success:
            for log in sorted(self.folder.rglob("*log")):
                if log.is_file():
                    print(f"--- {log}\n{log.read_text(errors='replace')[-3000:]}", file=sys.stderr)
        shutil.rmtree(self.folder, ignore_errors=True)

    def store(self, data=None):
        store = Store(self.folder, data)
        self.started.append(store)
        store.start()
        return store

    def agent(self, store, name="agent", every="1h", start=True, prefix=()):
        agent = Agent(self.folder, name, every)
        self.started.append(agent)
        agent.enroll(store.token("agent"))
        if start:
            agent.start(prefix)
        return agent
