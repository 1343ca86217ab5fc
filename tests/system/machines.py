"""Booted Debian systems on a network of their own: systemd in systemd-nspawn over a cached root that is never changed.

Everything lives in the namespaces (mounts, processes, network) that scripts/test made for this process, and ends with it.
No sleeps: wait_for() a condition.
"""
import functools
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import uuid

CAPABILITIES = "CAP_AUDIT_READ,CAP_AUDIT_CONTROL,CAP_NET_ADMIN,CAP_SYS_PTRACE"  # else ambient ones of units are dropped silently
RUN = uuid.uuid4().hex[:8]  # names what is not in a namespace of ours: control groups
CONTROLLERS = [name for name in ("systemd", "cpu", "memory", "pids") if pathlib.Path("/sys/fs/cgroup", name, "cgroup.procs").exists()]


sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))
import waiting  # noqa: E402

wait_for = functools.partial(waiting.wait_for, between=0.2)  # each look asks a machine


def call(*command, check=True, stdin=None, timeout=300):
    done = subprocess.run([str(word) for word in command], input=stdin, capture_output=True, text=True, timeout=timeout)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))} exited {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    return done


class Network:
    """A bridge in this process's network namespace; machines have 10.77.0.N and fd77::N."""

    def __init__(self):
        call("ip", "link", "set", "lo", "up")
        call("ip", "link", "add", "switch", "type", "bridge")
        call("ip", "link", "set", "switch", "up")
        self.hosts = {}

    def join(self, name):
        number = len(self.hosts) + 2
        self.hosts[name] = number
        return number

    def hosts_file(self):
        return "127.0.0.1 localhost\n::1 localhost\n" + "".join(f"10.77.0.{number} {name}\nfd77::{number} {name}\n" for name, number in self.hosts.items())


class Machine:
    def __init__(self, network, folder, name, root):
        self.name = name
        self.number = network.join(name)
        self.folder = pathlib.Path(folder) / name
        self.root = self.folder / "root"
        self.network = network
        self.process = None
        self.leader = None
        for part in ("root", "changes", "work"):
            (self.folder / part).mkdir(parents=True)
        call("mount", "-t", "overlay", "overlay", "-o", f"lowerdir={root},upperdir={self.folder}/changes,workdir={self.folder}/work", self.root)
        (self.root / "etc/hostname").write_text(name + "\n")
        (self.root / "etc/machine-id").write_text(uuid.uuid4().hex + "\n")
        (self.root / "var/log/journal").mkdir(exist_ok=True)
        # Its network outlives its reboots: held by a process of ours.
        self.holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
        own = os.stat("/proc/self/ns/net").st_ino
        wait_for("a network namespace", lambda: os.stat(f"/proc/{self.holder.pid}/ns/net").st_ino != own)
        link = f"to{self.number}"
        call("ip", "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", self.holder.pid)
        call("ip", "link", "set", link, "master", "switch", "up")
        self.link = link
        for words in (("link", "set", "lo", "up"), ("addr", "add", f"10.77.0.{self.number}/24", "dev", "eth0"),
                      ("addr", "add", f"fd77::{self.number}/64", "dev", "eth0", "nodad"), ("link", "set", "eth0", "up")):
            call("nsenter", "-t", self.holder.pid, "-n", "ip", *words)

    def boot(self):
        (self.root / "etc/hosts").write_text(self.network.hosts_file())
        groups = [f"/sys/fs/cgroup/{controller}/annexa-system-{RUN}-{self.name}" for controller in CONTROLLERS]
        enter = "".join(f"mkdir -p {group}; echo $$ >{group}/cgroup.procs; " for group in groups)
        with open(self.folder / "console", "ab") as console:
            self.process = subprocess.Popen(
                ["bash", "-c", enter + 'exec "$@"', "boot", "systemd-nspawn", "--quiet", "--directory", self.root, "--machine", self.name, "--register=no", "--keep-unit",
                 "--console=pipe", f"--network-namespace-path=/proc/{self.holder.pid}/ns/net", f"--capability={CAPABILITIES}", "--boot"],
                stdin=subprocess.DEVNULL, stdout=console, stderr=console)
        self.leader = wait_for(f"{self.name} to start", self.find_leader, 30)
        wait_for(f"{self.name} to boot", lambda: self.run("systemctl", "is-system-running", check=False).stdout.strip() in ("running", "degraded"), 60)

    def find_leader(self):
        if self.process.poll() is not None:
            raise AssertionError(f"{self.name} did not boot:\n" + (self.folder / "console").read_text(errors="replace")[-2000:])
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for child in children:
            status = pathlib.Path(f"/proc/{child}/status").read_text()
            if re.search(r"^NSpid:.*\s1$", status, re.M):
                return int(child)
        return None

    def run(self, *command, check=True, stdin=None, timeout=300):
        return call("nsenter", "-t", self.leader, "-m", "-u", "-i", "-n", "-p", "-C", "--", "/usr/bin/env", "-i",
                    "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive", *command, check=check, stdin=stdin, timeout=timeout)

    def put(self, path, text, mode=0o600):
        file = self.root / path.lstrip("/")
        file.touch(mode=mode)
        file.chmod(mode)
        file.write_text(text)

    def power_off(self):
        self.run("systemctl", "poweroff", check=False)
        self.process.wait(timeout=60)
        self.process = self.leader = None

    def reboot(self):
        self.power_off()
        self.boot()

    def cut_off(self):
        call("ip", "link", "set", self.link, "down")

    def reconnect(self):
        call("ip", "link", "set", self.link, "up")

    def install(self, *packages):
        """Packages from dist/RELEASE; what they depend on comes from the root's cache: this network has no way out."""
        names = []
        for package in packages:
            package = pathlib.Path(package)
            (self.root / "root" / package.name).write_bytes(package.read_bytes())
            names.append(f"/root/{package.name}")
        return self.run("apt-get", "install", "--yes", "--no-install-recommends", *names)

    def journal(self, unit):
        """What the journal holds of a unit: dictionaries of fields."""
        text = self.run("journalctl", "--unit", unit, "--output", "json", "--no-pager", "--quiet").stdout
        return [json.loads(line) for line in text.splitlines() if line.startswith("{")]

    def end(self):
        """Whatever state it is in. Killing nspawn leaves what it booted, so that goes first."""
        for process in (self.leader, self.process.pid if self.process else None):
            if process:
                call("kill", "-KILL", process, check=False)
        if self.process:
            self.process.wait()
        self.holder.kill()
        self.holder.wait()
        call("umount", "--lazy", self.root, check=False)


class Bench:
    """All machines of one run, in a folder that goes with it."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="annexa-system-", dir="/var/tmp")
        self.network = Network()
        self.machines = []

    def machine(self, name, root):
        machine = Machine(self.network, self.folder.name, name, root)
        self.machines.append(machine)
        return machine

    def end(self):
        for machine in self.machines:
            machine.end()
        wait_for("control groups to be empty", self.remove_groups, 30)
        self.folder.cleanup()

    @staticmethod
    def remove_groups():
        """This process is the first of its process namespace: what is orphaned there is its to reap."""
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            pass
        for controller in CONTROLLERS:
            for group in pathlib.Path("/sys/fs/cgroup", controller).glob(f"annexa-system-{RUN}-*"):
                folders = [path for path in group.rglob("*") if path.is_dir()]
                for folder in [*sorted(folders, key=lambda path: -len(path.parts)), group]:
                    try:
                        folder.rmdir()
                    except OSError:
                        return False
        return True
