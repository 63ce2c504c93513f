"""Messages that are bad on purpose: each ends as a dead letter, the manifest lists it, and the audit makes sure of it."""

import json
import unittest

import edw
import stores


def members(ranges):
    return {seq for first, last, *step in ranges for seq in range(first, last + 1, *step)}


class Poison(edw.Case):
    BAD = {5, 15, 25, 35}

    def sent(self, store, *arguments):
        self.env.update(store.env)
        store.create()
        self.producer("--count", 40, "--run", "a", "--poison", "10%", "--queue", store.queue, *arguments)
        self.assertEqual(members(self.manifest("a")["poison"]), self.BAD)

    def consumed(self, store, *arguments):
        return self.consumer("--drain", "--max-receives", 1, "--queue", store.queue, "--table", store.table, *arguments).json

    def assert_dead_letters(self, audit):
        found = audit.json
        self.assertEqual((found["expected"], found["found"], found["dead_lettered"]), (40, 36, 4), str(audit))
        self.assertEqual(found["poison"], {"acknowledged": 4, "dead_lettered": 4, "persisted": 0})
        self.assertEqual([found[key] for key in ("missing", "duplicated", "corrupt", "unexpected")], [0, 0, 0, 0], str(audit))

    def ends_as_dead_letters(self, store):
        self.sent(store)
        self.assertEqual(self.consumed(store)["dead_lettered"], 4)
        self.assert_dead_letters(self.audit("a", "--table", store.table))
        self.assertEqual({stores.number(row["seq"]) for row in store.rows() if "seq" in row}, set(range(1, 41)) - self.BAD)

    def test_ends_as_dead_letters_on_the_embedded_default(self):
        store = stores.Sqlite(self.folder)
        self.ends_as_dead_letters(store)
        for text in store.bodies("messages-poison"):
            letter = json.loads(text)
            self.assertIn("not a JSON object", letter["deadLetter"]["reason"])
            with self.assertRaises(ValueError):
                json.loads(letter["body"])

    def test_ends_as_dead_letters_on_azure(self):
        self.ends_as_dead_letters(stores.Azure())

    def test_ends_as_dead_letters_on_aws(self):
        self.ends_as_dead_letters(stores.Aws())

    def test_ends_as_dead_letters_by_a_redrive_policy_of_sqs(self):
        store = stores.Aws()
        self.sent(store)
        url = store.sqs.get_queue_url(QueueName=store.queue_name)["QueueUrl"]
        dead = store.sqs.create_queue(QueueName=f"{store.queue_name}-dead")["QueueUrl"]
        arn = store.sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        store.sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": json.dumps(
            {"deadLetterTargetArn": arn, "maxReceiveCount": "3"})})
        self.consumed(store, "--retry-delay", "0s")
        self.assertEqual(self.audit("a", "--table", store.table, code=1).json["missing_seq"], sorted(self.BAD), "nobody looked there")
        self.assert_dead_letters(self.audit("a", "--table", store.table, "--queue", store.queue))

    def test_is_told_where_a_bad_one_became_a_row(self):
        store = stores.Sqlite(self.folder)
        self.ends_as_dead_letters(store)
        rows = {stores.number(row["seq"]): row for row in store.rows() if "seq" in row}
        store.write(stores.changed(rows[6], seq=5, RowKey=f"{5:012}"))
        ended = self.audit("a", "--table", store.table, code=1)
        self.assertEqual((ended.json["unexpected"], ended.json["poison"]["persisted"]), (1, 1), str(ended))
        self.assertIn("1 became rows, which are unexpected",
                      self.run_program("producer", "audit", "--run", "a", "--table", store.table, code=1).out)

    def test_is_told_where_a_bad_one_is_nowhere(self):
        store = stores.Sqlite(self.folder)
        self.ends_as_dead_letters(store)
        letter = next(row for row in store.rows() if row.get("letterSeq") == 25)
        store.delete(letter)
        ended = self.audit("a", "--table", store.table, code=1)
        self.assertEqual((ended.json["missing_seq"], ended.json["poison"]["dead_lettered"]), ([25], 3), str(ended))
        # The letter itself still stands in its queue, and counts there.
        self.assert_dead_letters(self.audit("a", "--table", store.table, "--queue", store.queue))

    def test_comes_back_as_a_dead_letter_after_a_redrive(self):
        store = stores.Sqlite(self.folder)
        self.ends_as_dead_letters(store)
        self.consumer("redrive")
        self.assertEqual(self.audit("a", code=1).json["missing_seq"], sorted(self.BAD))
        self.assertEqual(self.consumed(store)["dead_lettered"], 4)
        self.assert_dead_letters(self.audit("a"))

    def test_is_given_up_by_a_worker_too(self):
        store = stores.Sqlite(self.folder)
        self.sent(store)
        self.assertEqual(self.consumed(store, "--process", "sleep=1ms")["dead_lettered"], 4)
        self.assert_dead_letters(self.audit("a"))

    def test_bad_input(self):
        for share, words in (("5", "write 5%"), ("-1%", "not a share"), ("0.00001%", "less than one in a million"), ("101%", "more than all")):
            with self.subTest(share):
                ended = self.producer("--poison", share, "--count", 1, code=2)
                self.assertIn(words, ended.err)
                self.assertEqual(ended.err.count("\n"), 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
