"""One file, eight consumers and a producer, all of them killed again and again: nothing between them but SQLite's lock."""

import chaos
import edw
import stores


class OnSqlite(chaos.Chaos):
    def test_nothing_is_lost_when_consumers_and_the_producer_are_killed(self):
        self.store = stores.Sqlite(self.folder)
        count = chaos.count_of(100_000)
        sends = lambda attempt: self.start(
            "producer", "--queue", self.store.queue, "--run", "a", "--count", count, "--rate", 5_000,
            "--log-level", "error", *(["--resume"] if attempt > 1 else []))
        herd = self.hunted()
        herd.add(1, sends, share=0.3, first=8)  # each time it forgets up to a second of what it sent: that becomes unknown
        edw.wait_for(lambda: (self.folder / "runs/a.json").exists(), "a manifest", 30)
        herd.add(chaos.CONSUMERS, self.consumers())
        herd.unleash()

        self.until(lambda: self.manifest("a")["complete"] and self.store.left() == 0,
                   lambda: f"up to {self.manifest('a')['last']} sent, {self.store.left()} in the queue, {herd.kills} kills", herd, 200)
        herd.end()
        herd.check()
        self.drain(120)
        self.say(f"{count} messages, {herd.kills} kills, {herd.kills_of(0)} of them of the producer")
        self.assertGreater(herd.kills_of(0), 0, "the producer was killed")
        self.assertGreater(herd.kills, 20, "too few to show anything")
        found = self.assert_nothing_lost("a")
        self.assertGreater(found["expected"], count * 0.5)
        self.assertEqual(self.store.bodies(), [], "the queue is empty")
        self.assertEqual(self.store.bodies("messages-poison"), [])


if __name__ == "__main__":
    edw.main()
