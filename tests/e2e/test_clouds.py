"""The same three commands on the clouds' wire: only addresses and environment differ."""

import edw
import stores


class ThreeCommands(edw.Case):
    def through(self, store, count=500, *, options=(), create=True, run="a"):
        self.env.update(store.env)
        where = ["--queue", store.queue, "--table", store.table, *options]
        sent = self.producer("--count", count, "--run", run, *where[:2], *options, *(["--create"] if create else [])).json
        self.assertEqual((sent["sent"], sent["failed"], sent["unknown"]), (count, 0, 0))
        handled = self.consumer("--drain", *where, *(["--create"] if create else [])).json
        self.assertGreaterEqual(handled["persisted"], count)
        self.assert_clean(self.audit(run, "--table", store.table, *options), count)
        self.assertEqual(store.count(), count)

    def test_azurite_over_http(self):
        self.through(stores.Azure())

    def test_azurite_over_https_with_a_ca_file(self):
        self.through(stores.Azure(connection="EDW_TEST_AZURITE_HTTPS"), options=["--ca-file", edw.setting("EDW_TEST_CA_FILE")])

    def test_azurite_over_https_with_ssl_cert_file(self):
        self.env["SSL_CERT_FILE"] = edw.setting("EDW_TEST_CA_FILE")
        self.through(stores.Azure(connection="EDW_TEST_AZURITE_HTTPS"), 50)

    def test_azurite_over_https_with_curl_ca_bundle(self):
        self.env["CURL_CA_BUNDLE"] = edw.setting("EDW_TEST_CA_FILE")
        self.through(stores.Azure(connection="EDW_TEST_AZURITE_HTTPS"), 50)

    def test_moto_standard_queue(self):
        self.through(stores.Aws())

    def test_moto_fifo_queue(self):
        self.through(stores.Aws(fifo=True))

    def test_what_exists_needs_no_create(self):
        for store in (stores.Azure(), stores.Aws()):
            with self.subTest(type(store).__name__):
                store.create()
                self.through(store, 20, create=False, run=type(store).__name__)

    def test_base64_on_the_wire(self):
        for store in (stores.Azure(), stores.Aws()):
            with self.subTest(type(store).__name__):
                store.create()
                self.env.update(store.env)
                run = edw.unique()
                self.producer("--count", 20, "--run", run, "--queue", store.queue, "--encoding", "base64")
                self.consumer("--drain", "--queue", store.queue, "--table", store.table)
                self.assert_clean(self.audit(run, "--table", store.table), 20)

    def test_two_event_loops(self):
        self.through(stores.Azure(), 200, options=["--threads", "2"])

    def test_environment_and_file_in_place_of_options(self):
        store = stores.Azure()
        self.env.update({**store.env, "EDW_QUEUE": store.queue, "EDW_TABLE": store.table, "EDW_CREATE": "true"})
        (self.folder / "edw.toml").write_text('count = 30\n')
        self.assertEqual(self.producer("--run", "a", "--config", "edw.toml").json["sent"], 30)
        self.consumer("--drain")
        self.assert_clean(self.audit("a"), 30)


if __name__ == "__main__":
    edw.main()
