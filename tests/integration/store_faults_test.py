"""What can befall a store: forged rows, a restore with and without its keys, a disk that is really full, certificates that
ended. The real programs."""
import http.client
import json
import os
import sqlite3
import ssl
import subprocess
import unittest

from real_programs import BIN, Agent, Case, run, wait_for


class StoreFaults(Case):
    def assert_whole(self, store, agent):
        """The chain has each sequence once, up to at least what the agent was told, and the store holds."""
        acknowledged = agent.acknowledged()
        sequences = sorted(s["sequence"] for s in store.statements())
        self.assertEqual(sequences, list(range(1, len(sequences) + 1)), "a sequence is missing or there twice")
        self.assertGreaterEqual(len(sequences), acknowledged, "a statement was acknowledged and is gone")
        agent.end()
        store.end()
        self.assertEqual(store.check().returncode, 0, store.check().stdout)

    def delivered(self, agent, beyond=0):
        return wait_for("a receipt", lambda: agent.acknowledged() > beyond and agent.acknowledged(), 120)

    # ------------------------------------------------------------------------------------------------ check

    def test_check_names_a_forged_name_and_a_retired_host_that_was_brought_back(self):
        store = self.store()
        agents = [self.agent(store, name) for name in ("one", "two")]
        for agent in agents:
            self.delivered(agent)
            agent.end()
        hosts = json.loads(run(BIN / "annexa-server", "host", "list", "--data", store.data, "--format", "json").stdout)
        self.assertEqual(len(hosts), 2)
        run(BIN / "annexa-server", "host", "retire", hosts[0]["id"], "--data", store.data)
        # The other one again, with a new key and a token for it.
        again = self.agent_for(store, hosts[1]["id"])
        self.delivered(again)
        again.end()
        store.status()
        store.end()
        self.assertEqual(store.check().returncode, 0, store.check().stdout)
        backup = (store.data / "store.db").read_bytes()
        for sql, named in [
            (f"UPDATE hosts SET name = 'forged' WHERE id = '{hosts[1]['id']}'", f"host {hosts[1]['id']}: "),
            (f"UPDATE hosts SET retired = 0 WHERE id = '{hosts[0]['id']}'", f"host {hosts[0]['id']}: "),
            ("UPDATE settings SET name = 'oranization' WHERE name = 'organization'", "setting organization: "),
            ("DELETE FROM host_collectors WHERE collector = (SELECT min(collector) FROM host_collectors)", "collector "),
            ("UPDATE log SET evaluated = evaluated - 1", "evaluated: "),
        ]:
            with self.subTest(sql):
                (store.data / "store.db").write_bytes(backup)
                with sqlite3.connect(store.data / "store.db") as database:
                    self.assertGreaterEqual(database.execute(sql).rowcount, 1)
                database.close()
                done = store.check()
                self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
                self.assertTrue(any(line.startswith(named) for line in done.stdout.splitlines()), done.stdout)

    def agent_for(self, store, host):
        agent = Agent(self.folder, "again")
        self.started.append(agent)
        agent.enroll(store.token("agent", "--host", host))
        agent.start()
        return agent

    # ------------------------------------------------------------------------------------------------ restore

    def restored(self, store, agent, with_keys):
        """The store from its backup, running; what restore said."""
        self.delivered(agent)
        store.status()
        backup = self.folder / "backup"
        secret = {**os.environ, "ANNEXA_BACKUP_PASSPHRASE": "correct horse"}
        run(BIN / "annexa-server", "backup", backup, *(["--with-keys"] if with_keys else []), "--data", store.data, env=secret)
        agent.end()
        store.end()
        store.data.rename(self.folder / "old")
        said = run(BIN / "annexa-server", "restore", backup, "--data", store.data, env=secret).stderr
        (self.folder / "server.log").unlink()
        store.start()
        return said

    def refused(self, store, agent):
        """The agent is told so, keeps what it has, and nothing is acknowledged."""
        before = agent.acknowledged()
        agent.start()
        wait_for("the agent", lambda: agent.status().get("running"), 60)
        agent.collect_now()
        trouble = wait_for("the refusal", lambda: agent.status().get("trouble"), 120)
        self.assertEqual(agent.acknowledged(), before)
        return trouble

    def test_a_store_restored_with_its_keys_says_in_every_status_that_it_is_restored(self):
        store = self.store()
        agent = self.agent(store)
        said = self.restored(store, agent, with_keys=True)
        self.assertIn("acknowledges nothing", said)
        self.assertNotIn("certificate authority", said)
        alarms = store.status()["alarms"]  # with the token of before
        self.assertEqual([(a["host"], a["code"]) for a in alarms], [(None, "store_restored")])
        self.assertIn("from a backup of", alarms[0]["text"])
        self.assertRegex(store.annexa("status").stdout, r"! this store: store restored: .*acknowledges nothing")
        # Also of the past: it is the store that is read which is a restored one.
        since = json.loads(run(BIN / "annexa-server", "host", "list", "--data", store.data, "--format", "json").stdout)[0]["enrolled"]
        self.assertEqual([a["code"] for a in store.status("--from", since, "--to", store.status()["at"])["alarms"]], ["store_restored"])
        self.assertIn("acknowledges nothing", self.refused(store, agent))

    def test_a_store_restored_without_its_keys_says_what_follows_and_what_to_do(self):
        store = self.store()
        agent = self.agent(store)
        said = self.restored(store, agent, with_keys=False)
        log = wait_for("the condition", lambda: "keys_left_behind" in (self.folder / "server.log").read_text() and (self.folder / "server.log").read_text())
        for text in (said, log):
            self.assertIn("new certificate authority", text)
            self.assertIn("annexa-server token create", text)
            self.assertIn("enrol them again", text)
        self.assertEqual(store.annexa("status", check=False).returncode, 2, "a token of before opens a store with another authority")
        store.admin = store.token("admin")
        self.assertEqual([a["code"] for a in store.status()["alarms"]], ["store_restored", "keys_left_behind"])
        text = store.annexa("status").stdout
        self.assertIn("! this store: store restored: ", text)
        self.assertIn("! this store: keys left behind: ", text)
        self.refused(store, agent)

    # ------------------------------------------------------------------------------------------------ a full disk

    def small_disk(self, size):
        """A folder on a file system of that size of its own."""
        folder = self.folder / "disk"
        folder.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", folder], capture_output=True, text=True)
        if mounted.returncode != 0:
            self.skipTest("this test mounts a tmpfs, which is not allowed here: " + mounted.stderr.strip())
        self.addCleanup(subprocess.run, ["umount", folder], check=True)
        return folder

    def fill(self, folder):
        """Not a byte is left, also of what is freed meanwhile."""
        with open(folder / "ballast", "ab", buffering=0) as ballast:
            for size in (1 << 20, 4096, 1):
                try:
                    while True:
                        ballast.write(b"\0" * size)
                except OSError:
                    pass

    def test_a_full_disk_acknowledges_nothing_that_cannot_be_kept_and_goes_on_when_there_is_room(self):
        disk = self.small_disk("48m")
        store = self.store(disk / "store")
        self.addCleanup(lambda: store.process and (store.process.kill(), store.process.wait()))  # before the disk goes
        agent = self.agent(store, every="1s")
        self.delivered(agent)
        store.status()

        def filled_and_refused():
            self.fill(disk)
            return agent.status().get("trouble")
        trouble = wait_for("the refusal", filled_and_refused, 120)
        self.assertIn("unavailable", trouble)
        acknowledged = agent.acknowledged()
        # Reading goes on, says what is wrong, and finds everything that was acknowledged.
        self.assertIn("disk_full", [a["code"] for a in store.status()["alarms"]])
        self.assertGreaterEqual(len(store.statements()), acknowledged)
        (disk / "ballast").unlink()
        agent.collect_now()
        self.delivered(agent, beyond=acknowledged)
        self.assert_whole(store, agent)

    # ------------------------------------------------------------------------------------------------ certificates

    def expired_certificate(self, store, agent):
        """A certificate for the agent's own TLS key, by the store's own authority, of last year."""
        host = json.loads(run(BIN / "annexa-server", "host", "list", "--data", store.data, "--format", "json").stdout)[0]["id"]
        keys = store.data / "keys"
        folder = self.folder / "authority"
        (folder / "new").mkdir(parents=True)
        (folder / "index.txt").touch()
        (folder / "openssl.cnf").write_text(
            f"[ca]\ndefault_ca = own\n[own]\ndir = {folder}\ndatabase = {folder}/index.txt\nnew_certs_dir = {folder}/new\n"
            "default_md = sha256\nrand_serial = yes\npolicy = any\nx509_extensions = client\n[any]\ncommonName = supplied\n"
            "[client]\nbasicConstraints = critical,CA:FALSE\nkeyUsage = critical,digitalSignature\nextendedKeyUsage = clientAuth\n"
            f"subjectAltName = URI:annexa:host:{host}\n[req]\ndistinguished_name = dn\n[dn]\n")
        run("openssl", "req", "-new", "-config", folder / "openssl.cnf", "-key", agent.state / "tls.pem", "-subj", f"/CN={host}", "-out", folder / "csr.pem")
        run("openssl", "ca", "-batch", "-notext", "-config", folder / "openssl.cnf", "-cert", keys / "ca.crt", "-keyfile", keys / "ca.pem",
            "-startdate", "20250101000000Z", "-enddate", "20250131000000Z", "-in", folder / "csr.pem", "-out", folder / "expired.pem")
        return (folder / "expired.pem").read_text() + (keys / "ca.crt").read_text()

    def ask(self, store, agent, method, path, body):
        """What an agent's own certificate gets, past its client."""
        context = ssl.create_default_context(cafile=store.data / "keys" / "ca.crt")
        context.load_cert_chain(agent.state / "certificate.pem", agent.state / "tls.pem")
        connection = http.client.HTTPSConnection("localhost", int(store.ports[0]), context=context, timeout=30)
        connection.request(method, path, body)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())

    def test_an_expired_certificate_is_answered_as_such_and_renewed_and_nothing_is_lost(self):
        store = self.store()
        agent = self.agent(store)
        before = self.delivered(agent)
        agent.end()
        expired = self.expired_certificate(store, agent)
        (agent.state / "certificate.pem").write_text(expired)
        # Not by the handshake: the connection stands, and each route that needs a certificate says why it does not do.
        for method, path in (("POST", "/agent/v1/statements"), ("PUT", "/agent/v1/tables/" + "0" * 64)):
            status, problem = self.ask(store, agent, method, path, b"{}")
            self.assertEqual((status, problem["code"]), (401, "certificate_expired"))
        agent.start()
        wait_for("the agent", lambda: agent.status().get("running"), 60)
        agent.collect_now()
        self.delivered(agent, beyond=before)
        self.assertNotEqual((agent.state / "certificate.pem").read_text(), expired, "the agent has shipped without a renewal")
        end = run("openssl", "x509", "-noout", "-checkend", str(20 * 86400), "-in", agent.state / "certificate.pem", check=False)
        self.assertEqual(end.returncode, 0, "the renewed certificate ends within 20 days")
        self.assert_whole(store, agent)


if __name__ == "__main__":
    unittest.main(verbosity=2)
