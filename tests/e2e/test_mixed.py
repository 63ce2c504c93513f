"""Queue on one backend, table on another."""

import edw
import stores


class MixedPairs(edw.Case):
    def through(self, queue, table, count=100):
        self.env.update({**queue.env, **table.env})
        self.producer("--count", count, "--run", "a", "--queue", queue.queue, "--create")
        self.consumer("--drain", "--queue", queue.queue, "--table", table.table, "--create")
        self.assert_clean(self.audit("a", "--table", table.table), count)
        self.assertEqual(table.count(), count)

    def test_azure_queue_and_embedded_table(self):
        self.through(stores.Azure(), stores.Sqlite(self.folder))

    def test_embedded_queue_and_azure_table(self):
        self.through(stores.Sqlite(self.folder), stores.Azure())

    def test_aws_queue_and_embedded_table(self):
        self.through(stores.Aws(), stores.Sqlite(self.folder))

    def test_embedded_queue_and_aws_table(self):
        self.through(stores.Sqlite(self.folder), stores.Aws())

    def test_azure_queue_and_aws_table(self):
        self.through(stores.Azure(), stores.Aws())

    def test_aws_queue_and_azure_table(self):
        self.through(stores.Aws(fifo=True), stores.Azure())


if __name__ == "__main__":
    edw.main()
