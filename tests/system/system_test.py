#!/usr/bin/env python3
"""What an engineer does on a fleet, on booted Debian systems: packages, enrolment, what the units may not, the network gone
and back, reboots, a copied identity, an upgrade. Usage, by scripts/test --system:

  system_test.py DIST_FOLDER RELEASE=ROOT…

One store (of the first release) and three agents: two of the first release, one of the last.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import unittest

from machines import Bench, call, wait_for

DIST = pathlib.Path(sys.argv[1])
ROOTS = dict(word.split("=", 1) for word in sys.argv[2:])
RELEASES = list(ROOTS)
TOKEN = "/root/agent.token"
SERVICES = ["annexa-agent.service", "annexa-collect.service", "annexa-collect.socket", "annexa-server.service"]

# A unit's settings with another program: what the unit may is asked from inside it.
PROBE = r"""
use Errno; use Socket; use Fcntl;
my ($what, @arguments) = @ARGV;
sub outcome { my ($name, $worked) = @_; printf "%s %s: %s\n", $worked ? "ALLOWED" : "refused", $name, $worked ? "it worked" : $!; }
for (@arguments) {
    if ($what eq "read") { my $file; outcome("read $_", open($file, "<", $_) && defined(sysread($file, my $byte, 1))) }
    if ($what eq "list") { my $folder; outcome("list $_", opendir($folder, $_) && grep { !/^\./ } readdir($folder)) }
    if ($what eq "write") { my $file; outcome("write $_", sysopen($file, $_, O_WRONLY | O_CREAT)) }
    if ($what eq "socket") { my $socket; outcome("socket $_", socket($socket, $_ eq "inet" ? AF_INET : $_ eq "inet6" ? AF_INET6 : $_ eq "packet" ? 17 : 16, SOCK_RAW, 0) || (/inet/ && socket($socket, /6/ ? AF_INET6 : AF_INET, SOCK_STREAM, 0))) }
}
"""


def package(release, name):
    found = sorted((DIST / release).glob(f"{name}_*.deb"))
    if len(found) != 1:
        raise AssertionError(f"{DIST / release} holds {len(found)} packages of {name}; expected one of scripts/package deb --release {release}")
    return found[0]


class System(unittest.TestCase):
    """One story; its chapters run in the order of their names."""

    @classmethod
    def setUpClass(cls):
        cls.bench = Bench()
        cls.addClassCleanup(cls.bench.end)
        first, last = RELEASES[0], RELEASES[-1]
        cls.store = cls.bench.machine("store", ROOTS[first])
        cls.release = {"web": first, "db": first, "app": last}
        cls.agents = {name: cls.bench.machine(name, ROOTS[release]) for name, release in cls.release.items()}
        for machine in cls.bench.machines:
            machine.boot()

    def tearDown(self):
        outcome = getattr(self, "_outcome", None)
        if outcome is not None and not outcome.success:
            for machine in self.bench.machines:
                if machine.leader is not None:
                    print(f"--- {machine.name}\n" + machine.run("journalctl", "--no-pager", "--lines", "30", *[f"--unit={unit}" for unit in SERVICES], check=False).stdout, file=sys.stderr)

    # What people do.
    def annexa(self, *words):
        if not hasattr(type(self), "admin"):
            type(self).admin = self.server("token", "create", "--role", "admin", "--ttl", "1h", "--format", "json")["token"]
        return json.loads(self.store.run("env", f"ANNEXA_TOKEN={self.admin}", "annexa", *words, "--format", "json").stdout)

    def server(self, *words):
        return json.loads(self.store.run("annexa-server", *words).stdout)

    def status(self, machine):
        done = machine.run("annexa-agent", "status", "--format", "json", check=False)
        return json.loads(done.stdout) if done.stdout.startswith("{") else {}

    def acknowledged(self, machine):
        return self.status(machine).get("acknowledged") or 0

    def conditions(self, machine):
        return {each["code"] for each in self.status(machine).get("conditions", [])}

    def enrol(self, machine, *more):
        machine.put(TOKEN, self.server("token", "create", "--role", "agent", "--format", "json", *more)["token"])
        machine.run("annexa-agent", "enroll", "--token-file", TOKEN)
        (machine.root / TOKEN.lstrip("/")).unlink()

    def collect_and_deliver(self, machine):
        before = self.acknowledged(machine)
        machine.run("annexa-agent", "collect-now", check=False, timeout=900)
        wait_for(f"{machine.name} to deliver", lambda: self.acknowledged(machine) > before, 120)

    def test_01_packages_are_installed_without_a_network(self):
        self.store.install(package(RELEASES[0], "annexa-server"), package(RELEASES[0], "annexa"))
        for name, machine in self.agents.items():
            machine.install(package(self.release[name], "annexa-agent"))
            self.assertEqual(machine.run("stat", "-c", "%U %a", "/var/lib/annexa-agent").stdout.strip(), "annexa-agent 700")
            # Before enrolment nothing runs and nothing is wrong.
            self.assertEqual(machine.run("systemctl", "is-active", "annexa-agent", check=False).stdout.strip(), "inactive")
            self.assertEqual(machine.run("systemctl", "is-failed", "annexa-agent", "annexa-collect.socket", check=False).stdout.split(), ["inactive", "active"])
            done = machine.run("annexa-agent", "check", "--only", "root-only-uid-zero", check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_02_the_store_starts(self):
        self.store.run("runuser", "-u", "annexa-server", "--", "annexa-server", "init", "--data", "/var/lib/annexa-server", "--organization", "Example Ltd", "--name", "store")
        self.store.run("systemctl", "start", "annexa-server")
        self.assertEqual(self.store.run("systemctl", "show", "--property=StatusText", "--value", "annexa-server").stdout.strip(), "serving /var/lib/annexa-server")

    def test_03_hosts_enrol_and_their_evidence_arrives_within_a_minute(self):
        for machine in self.agents.values():
            self.enrol(machine)
            machine.run("systemctl", "enable", "--now", "annexa-agent")
        begin = time.monotonic()
        for machine in self.agents.values():
            wait_for(f"the first evidence of {machine.name}", lambda: self.acknowledged(machine) >= 1, 300)
        print(f"first_evidence {time.monotonic() - begin:.1f} s")
        hosts = {host["name"]: host for host in self.annexa("hosts")}
        self.assertEqual(set(hosts), set(self.agents))
        for name, machine in self.agents.items():
            keys = machine.run("stat", "-c", "%U %a", "/var/lib/annexa-agent/evidence.pem", "/var/lib/annexa-agent/tls.pem").stdout.split("\n")
            self.assertEqual(keys[:2], ["annexa-agent 600"] * 2)
            self.assertRegex(machine.run("systemctl", "show", "--property=StatusText", "--value", "annexa-agent").stdout, r"^ready; \d+ statements proved")

    def probe(self, machine, unit, what, *arguments):
        """Runs PROBE in the unit's own settings and returns its lines."""
        text = machine.run("systemctl", "cat", unit).stdout
        text = re.sub(r"^(ExecStart|ExecReload|Type|WatchdogSec|Restart|RestartSec|Requires|After|Wants|ConditionPathExists)=.*\n", "", text, flags=re.M)
        words = " ".join([what, *arguments])
        text = text.replace("[Service]\n", f"[Service]\nType=oneshot\nStandardOutput=file:/run/annexa-probe.out\nExecStart=/usr/bin/perl /usr/local/lib/annexa-probe {words}\n")
        machine.put("/usr/local/lib/annexa-probe", PROBE, 0o755)
        machine.run("sh", "-c", "cat >/run/systemd/system/annexa-probe.service && systemctl daemon-reload", stdin=text)
        machine.run("rm", "-f", "/run/annexa-probe.out")
        machine.run("systemctl", "start", "annexa-probe")
        return machine.run("cat", "/run/annexa-probe.out").stdout.splitlines()

    def test_05_each_ban_holds_from_inside(self):
        for machine in (self.agents["web"], self.agents["app"]):
            refused = {
                "annexa-agent.service": [("read", "/etc/shadow", "/etc/gshadow", "/root/.bashrc", "/proc/1/environ"), ("socket", "netlink", "packet"),
                                         ("write", "/etc/annexa/agent.yaml", "/usr/bin/annexa-agent", "/var/tmp/../cache/x", "/dev/shm/../x", "/run/x")],
                "annexa-collect.service": [("list", "/var/lib/annexa-agent", "/run/annexa-agent"), ("read", "/var/lib/annexa-agent/evidence.pem"), ("socket", "inet", "inet6", "packet"),
                                           ("write", "/etc/shadow", "/tmp/x", "/var/tmp/x", "/dev/shm/x", "/usr/bin/annexa-agent", "/proc/sys/kernel/hostname", "/home/x")],
            }
            for unit, attempts in refused.items():
                for attempt in attempts:
                    for line in self.probe(machine, unit, *attempt):
                        print(f"{machine.name} {unit}: {line}")
                        self.assertTrue(line.startswith("refused "), line)
            allowed = {"annexa-agent.service": [("socket", "inet"), ("write", "/var/lib/annexa-agent/probe")], "annexa-collect.service": [("read", "/etc/shadow"), ("socket", "netlink"), ("write", "/var/cache/annexa-collect/probe")]}
            for unit, attempts in allowed.items():
                for attempt in attempts:
                    for line in self.probe(machine, unit, *attempt):
                        self.assertTrue(line.startswith("ALLOWED "), f"{unit}: {line}")
            machine.run("rm", "/var/lib/annexa-agent/probe", "/var/cache/annexa-collect/probe")

    def test_06_the_socket_answers_the_agent_and_root_alone(self):
        web = self.agents["web"]
        ask = "use Socket; socket(my $s, AF_UNIX, SOCK_STREAM, 0); connect($s, sockaddr_un('/run/annexa-collect/socket')) or die \"$!\\n\"; sysread($s, my $answer, 400); print substr($answer, 4), \"\\n\""
        stranger = web.run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "perl", "-e", ask, check=False)
        self.assertEqual(stranger.stderr.strip(), "Permission denied")
        # Let in by the file's group, refused by the user of the connection.
        group = web.run("getent", "group", "annexa-agent").stdout.split(":")[2]
        member = web.run("setpriv", "--reuid=65534", f"--regid={group}", "--clear-groups", "perl", "-e", ask)
        self.assertIn("only root and the agent's user may ask", member.stdout)
        print(f"web annexa-collect.socket: refused another user: {stranger.stderr.strip()}; refused another user of the agent's group: {member.stdout.strip()}")
        wait_for("annexa-collect to end when idle", lambda: web.run("systemctl", "is-active", "annexa-collect.service", check=False).stdout.strip() == "inactive", 60)

    def test_07_what_was_collected_without_a_network_arrives_when_it_is_back(self):
        db = self.agents["db"]
        before = self.acknowledged(db)
        db.cut_off()
        db.run("annexa-agent", "collect-now", check=False, timeout=900)
        self.assertGreater(self.status(db)["spool"]["waiting"], 20)
        self.assertEqual(self.acknowledged(db), before)
        db.reconnect()
        wait_for("what waited to arrive", lambda: self.acknowledged(db) > before and self.status(db)["spool"]["waiting"] == 0, 180)
        self.assertEqual(self.status(db)["spool"]["dropped"], 0)

    def test_10_reboots_lose_nothing(self):
        app = self.agents["app"]
        before = self.acknowledged(app)
        self.store.reboot()
        app.reboot()
        wait_for("the agent after its reboot", lambda: self.status(app).get("running"), 60)
        self.assertGreaterEqual(self.acknowledged(app), before)
        self.collect_and_deliver(app)

    def test_12_a_copied_identity_is_of_no_use_on_another_machine(self):
        web = self.agents["web"]
        copy = self.bench.machine("copy", ROOTS[RELEASES[0]])
        copy.boot()
        copy.install(package(RELEASES[0], "annexa-agent"))
        call("cp", "-a", f"{web.root}/var/lib/annexa-agent/.", f"{copy.root}/var/lib/annexa-agent/")
        copy.run("chown", "-R", "annexa-agent:annexa-agent", "/var/lib/annexa-agent")
        self.assertNotEqual(copy.run("systemctl", "start", "annexa-agent", check=False).returncode, 0)
        self.assertTrue(any("cloned: enrol again" in entry["MESSAGE"] for entry in copy.journal("annexa-agent")))
        copy.run("systemctl", "stop", "annexa-agent")
        copy.power_off()

    def test_13_an_upgrade_keeps_state_and_keys(self):
        web = self.agents["web"]
        before = web.run("sh", "-c", "sha256sum /var/lib/annexa-agent/*.pem /var/lib/annexa-agent/enrolment.json; grep -c . /etc/annexa/agent.yaml").stdout
        reached = self.acknowledged(web)
        web.run("sh", "-c", "echo '# ours' >>/etc/annexa/agent.yaml")
        with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
            call("dpkg-deb", "--raw-extract", package(RELEASES[0], "annexa-agent"), f"{folder}/package")
            control = pathlib.Path(folder, "package/DEBIAN/control")
            version = re.search(r"^Version: (.*)$", control.read_text(), re.M)[1]
            control.write_text(control.read_text().replace(f"Version: {version}", f"Version: {version}+next"))
            call("dpkg-deb", "--root-owner-group", "--build", f"{folder}/package", f"{folder}/annexa-agent_next.deb")
            web.install(f"{folder}/annexa-agent_next.deb")
        self.assertEqual(web.run("dpkg-query", "-W", "-f", "${Version}", "annexa-agent").stdout, version + "+next")
        self.assertIn("# ours", web.run("cat", "/etc/annexa/agent.yaml").stdout)
        after = web.run("sh", "-c", "sha256sum /var/lib/annexa-agent/*.pem /var/lib/annexa-agent/enrolment.json; grep -vc '# ours' /etc/annexa/agent.yaml").stdout
        self.assertEqual(after.split()[:-1], before.split()[:-1])
        wait_for("the agent after the upgrade", lambda: self.status(web).get("running"), 60)
        self.assertGreaterEqual(self.acknowledged(web), reached)
        self.collect_and_deliver(web)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2, failfast=True)
