"""The same three commands on Azure's wire: only addresses and environment differ."""

import edw
import stores
from three_commands import ThreeCommands

CA_FILE = "EDW_TEST_CA_FILE"
HTTPS = "EDW_TEST_AZURITE_HTTPS"


class OnAzurite(ThreeCommands):
    def test_over_http(self):
        self.through(stores.Azure())

    def test_over_https_with_a_ca_file(self):
        self.through(stores.Azure(connection=HTTPS), options=["--ca-file", edw.setting(CA_FILE)])

    def test_over_https_with_ssl_cert_file(self):
        self.env["SSL_CERT_FILE"] = edw.setting(CA_FILE)
        self.through(stores.Azure(connection=HTTPS), 50)

    def test_over_https_with_curl_ca_bundle(self):
        self.env["CURL_CA_BUNDLE"] = edw.setting(CA_FILE)
        self.through(stores.Azure(connection=HTTPS), 50)

    def test_what_exists_needs_no_create(self):
        store = stores.Azure()
        store.create()
        self.through(store, 20, create=False)

    def test_base64_on_the_wire(self):
        self.through(stores.Azure(), 20, options=["--encoding", "base64"])

    def test_base64_is_told_from_plain_text_by_default(self):
        self.read_by_default(stores.Azure())

    def test_two_event_loops(self):
        self.through(stores.Azure(), 200, options=["--threads", "2"])

    def test_environment_and_file_in_place_of_options(self):
        store = stores.Azure()
        self.env.update({**store.env, "EDW_QUEUE": store.queue, "EDW_TABLE": store.table, "EDW_CREATE": "true"})
        (self.folder / "edw.toml").write_text("count = 30\n")
        self.assertEqual(self.producer("--run", "a", "--config", "edw.toml").json["sent"], 30)
        self.consumer("--drain")
        self.assert_clean(self.audit("a"), 30)


if __name__ == "__main__":
    edw.main()
