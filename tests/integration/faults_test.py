"""Everything acknowledged is there, once, whatever is killed when. The real programs, SIGKILL, full disks."""
import json
import pathlib
import random
import signal
import threading
import time
import unittest

from real_programs import BIN, Case, run, wait_for


class Faults(Case):
    def assert_whole(self, store, agent):
        """The chain in the store has each sequence once, up to at least what the agent was told."""
        acknowledged = agent.acknowledged()
        sequences = sorted(s["sequence"] for s in store.statements())
        self.assertEqual(sequences, list(range(1, len(sequences) + 1)), "a sequence is missing or there twice")
        self.assertGreaterEqual(len(sequences), acknowledged, "a statement was acknowledged and is gone")
        self.assertGreaterEqual(acknowledged, 1)

    def test_server_killed_in_mid_upload(self):
        store = self.store()
        agent = self.agent(store, every="1s")
        chance = random.Random(1)
        wait_for("the first receipt", lambda: agent.acknowledged() >= 1, 120)
        for _ in range(5):
            before = agent.acknowledged()
            # Somewhere within the next upload: the moment is random, the outcome may not be.
            threading.Event().wait(chance.uniform(0, 1.5))
            store.end(signal.SIGKILL)
            store.start()
            wait_for("a receipt after the restart", lambda: agent.acknowledged() > before, 120)
        agent.end()
        self.assert_whole(store, agent)
        store.end()
        self.assertEqual(store.check().returncode, 0, store.check().stdout)

    def test_agent_killed_in_mid_spool(self):
        store = self.store()
        agent = self.agent(store, every="1s")
        chance = random.Random(2)
        for _ in range(6):
            before = agent.acknowledged()
            wait_for("a receipt", lambda: agent.acknowledged() > before, 120)
            threading.Event().wait(chance.uniform(0, 1.5))
            agent.end(signal.SIGKILL)
            agent.start()
        before = agent.acknowledged()
        wait_for("a receipt after the last restart", lambda: agent.acknowledged() > before, 120)
        agent.end()
        self.assert_whole(store, agent)
        store.end()
        self.assertEqual(store.check().returncode, 0, store.check().stdout)

    def test_agent_offline_delivers_late_and_nothing_is_lost(self):
        store = self.store()
        agent = self.agent(store)
        wait_for("the first receipt", lambda: agent.acknowledged() >= 1, 120)
        store.end(signal.SIGKILL)
        for _ in range(3):
            agent.collect_now()
        wait_for("results in the spool", lambda: agent.status().get("spool", {}).get("waiting", 0) > 0 or agent.status().get("spool", {}).get("statements_pending", 0) > 0, 120)
        store.start()
        wait_for("the receipt after the restart", lambda: agent.acknowledged() >= 2, 300)
        agent.end()
        self.assert_whole(store, agent)

    def test_a_second_agent_on_one_state_names_the_first(self):
        store = self.store()
        agent = self.agent(store)
        wait_for("the first receipt", lambda: agent.acknowledged() >= 1, 120)
        second = run(BIN / "annexa-agent", "run", "--config", agent.config, check=False)
        self.assertEqual(second.returncode, 2)
        self.assertIn(str(agent.process.pid), second.stderr)

    def test_a_flipped_byte_of_the_store_is_found_and_named(self):
        store = self.store()
        agent = self.agent(store)
        wait_for("the first receipt", lambda: agent.acknowledged() >= 1, 120)
        agent.end()
        store.status()
        store.end()
        self.assertEqual(store.check().returncode, 0, store.check().stdout)
        blob = next(p for p in sorted((store.data / "blobs").rglob("*")) if p.is_file() and p.stat().st_size > 100)
        damaged = bytearray(blob.read_bytes())
        damaged[50] ^= 1
        blob.chmod(0o600)
        blob.write_bytes(damaged)
        done = store.check()
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertRegex(done.stdout + done.stderr, r"[0-9a-f]{12}")

    def test_a_restored_store_serves_and_acknowledges_nothing(self):
        store = self.store()
        agent = self.agent(store)
        wait_for("the first receipt", lambda: agent.acknowledged() >= 1, 120)
        backup = self.folder / "backup"
        run(BIN / "annexa-server", "backup", backup, "--data", store.data)
        agent.end()
        store.end()
        store.data.rename(self.folder / "old")
        run(BIN / "annexa-server", "restore", backup, "--data", store.data)
        done = run(BIN / "annexa-server", "check", "--data", store.data, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        store.start()
        self.assertEqual(len(store.status()["controls"]), 93)
        states = [state for control in store.status()["controls"] for check in control["checks"] for state in check["states"]]
        self.assertGreater(states.count("pass") + states.count("overdue") + states.count("fail"), 20, "a restored store evaluates what it holds")
        before = agent.acknowledged()
        agent.start()
        wait_for("the agent", lambda: agent.status().get("running"), 60)
        run(BIN / "annexa-agent", "collect-now", "--config", agent.config, check=False)
        wait_for("the refusal", lambda: agent.status().get("trouble"), 120)
        self.assertEqual(agent.acknowledged(), before, "a restored store acknowledged something")


if __name__ == "__main__":
    unittest.main(verbosity=2)
