"""The audit finds what a foreign hand did to the rows, on every backend."""

import edw
import stores
from stores import changed, like, number

COUNT = 40


class Tampered(edw.Case):
    def tampered_with(self, store):
        self.env.update(store.env)
        where = ["--queue", store.queue, "--table", store.table, "--create"]
        self.producer("--count", COUNT, "--run", "a", "--queue", store.queue, "--create")
        self.consumer("--drain", *where)
        self.assert_clean(self.audit("a", "--table", store.table), COUNT)
        rows = {number(row["seq"]): row for row in store.rows()}
        self.assertEqual(sorted(rows), list(range(1, COUNT + 1)))
        first = rows[7]
        self.assertEqual((first["PartitionKey"], first["RowKey"]), ("00-a", "000000000007"))
        self.assertEqual((rows[33]["PartitionKey"], rows[33]["RowKey"]), ("01-a", "000000000033"))

        def found(**expected):
            expected = {"expected": COUNT, "found": COUNT, "missing": 0, "duplicated": 0, "corrupt": 0, "unexpected": 0,
                        "dead_lettered": 0, "missing_seq": [], **expected}
            ended = self.audit("a", "--table", store.table, code=1)
            self.assertEqual({key: ended.json[key] for key in expected}, expected, str(ended))

        with self.subTest("missing"):
            store.delete(first)
            found(found=COUNT - 1, missing=1, missing_seq=[7])
            store.write(first)
        with self.subTest("payload changed"):
            store.write(changed(first, data="something else"))
            found(corrupt=1)
            store.write(first)
        with self.subTest("hash gone"):
            store.write({name: value for name, value in first.items() if name != "hash"})
            found(corrupt=1)
            store.write(first)
        with self.subTest("under another key too"):
            copy = changed(first, RowKey="000000999999")
            store.write(copy)
            found(duplicated=1)
            store.delete(copy)
        with self.subTest("key and seq disagree"):
            store.delete(first)
            moved = changed(first, PartitionKey="7f-a")
            store.write(moved)
            found(found=COUNT - 1, missing=1, corrupt=1, missing_seq=[7])
            store.delete(moved)
            store.write(first)
        with self.subTest("never sent"):
            stranger = changed(rows[COUNT], seq=like(rows[COUNT]["seq"], COUNT + 1), RowKey=f"{COUNT + 1:012}")
            store.write(stranger)
            found(unexpected=1)
            store.delete(stranger)
        with self.subTest("another run's rows are no matter"):
            stranger = changed(first, PartitionKey="00-b", run="b")
            store.write(stranger)
            self.assert_clean(self.audit("a", "--table", store.table), COUNT)
            store.delete(stranger)
        self.assert_clean(self.audit("a", "--table", store.table), COUNT)

    def test_on_the_embedded_default(self):
        self.tampered_with(stores.Sqlite(self.folder))

    def test_on_azure(self):
        self.tampered_with(stores.Azure())

    def test_on_aws(self):
        self.tampered_with(stores.Aws())


class Missing(edw.Case):
    def test_the_first_twenty_are_named(self):
        self.producer("--count", 50, "--run", "a")
        self.consumer("--drain")
        store = stores.Sqlite(self.folder)
        for row in store.rows():
            if number(row["seq"]) > 20:
                store.delete(row)
        found = self.audit("a", code=1).json
        self.assertEqual((found["missing"], found["missing_seq"]), (30, list(range(21, 41))))


if __name__ == "__main__":
    edw.main()
