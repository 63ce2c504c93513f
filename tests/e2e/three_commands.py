"""Send, consume and audit: what every backend is put through."""

import edw


class ThreeCommands(edw.Case):
    def through(self, store, count=500, *, options=(), create=True):
        self.env.update(store.env)
        where = ["--queue", store.queue, "--table", store.table, *options]
        sent = self.producer("--count", count, "--run", "a", *where[:2], *options, *(["--create"] if create else [])).json
        self.assertEqual((sent["sent"], sent["failed"], sent["unknown"]), (count, 0, 0))
        handled = self.consumer("--drain", *where, *(["--create"] if create else [])).json
        self.assertGreaterEqual(handled["persisted"], count)
        self.assert_clean(self.audit("a", "--table", store.table, *options), count)
        self.assertEqual(store.count(), count)

    def read_by_default(self, store):
        """Messages that another put in base64 are read without being told so."""
        store.create()
        self.env.update(store.env)
        self.producer("--count", 20, "--run", "a", "--queue", store.queue, "--encoding", "base64")
        self.consumer("--drain", "--queue", store.queue, "--table", store.table)
        self.assert_clean(self.audit("a", "--table", store.table), 20)
