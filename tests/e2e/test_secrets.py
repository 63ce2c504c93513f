"""No secret in any output, however much is logged and whatever goes wrong."""

import base64
import json
import re

import edw
import stores



class NoSecret(edw.Case):
    def all_of(self, store, secrets, env=None, codes=(0, 1, 2)):
        """Everything that the three commands say at their most talkative."""
        where = ["--queue", store.queue, "--table", store.table, "--create"]
        said = ""
        for form in ("text", "json"):
            for command in (["producer", "send", "--count", "5", "--run", edw.unique(), *where], ["consumer", "--drain", *where],
                            ["producer", "audit", "--run", "a", "--count", "1", "--table", store.table]):
                ended = self.run_program(*command, "--log-level", "trace", "--log-format", form, env={**store.env, **(env or {})},
                                         code=codes)
                said += ended.out + ended.err
        self.assertGreater(len(said), 1000, "trace says next to nothing: this test shows nothing")
        for secret in secrets:
            self.assertNotIn(secret, said)
        self.assertIsNone(edw.SIGNATURES.search(said), edw.SIGNATURES.search(said))

    def test_of_an_azure_account(self):
        store = stores.Azure()
        self.all_of(store, [store.parts["AccountKey"], base64.b64decode(store.parts["AccountKey"]).hex()])

    def test_of_an_azure_account_over_https(self):
        store = stores.Azure(connection="EDW_TEST_AZURITE_HTTPS")
        self.all_of(store, [store.parts["AccountKey"]], env={"SSL_CERT_FILE": edw.setting("EDW_TEST_CA_FILE")})

    def test_of_an_azure_account_that_is_refused(self):
        store = stores.Azure()
        wrong = base64.b64encode(b"not the key of this account at all").decode()
        self.all_of(store, [wrong], env={"AZURE_STORAGE_CONNECTION_STRING": store.connection.replace(store.parts["AccountKey"], wrong)})

    def test_of_a_shared_access_signature_that_is_refused(self):
        store = stores.Azure()
        signature = "c2lnbmF0dXJlIG9mIG5vdGhpbmcgYXQgYWxs"
        sas = f"SharedAccessSignature=sv=2025-11-05&ss=qt&srt=sco&sp=rwdlacup&se=2099-01-01T00:00:00Z&sig={signature}"
        self.all_of(store, [signature],
                    env={"AZURE_STORAGE_CONNECTION_STRING": re.sub(r"AccountKey=[^;]*", sas, store.connection)})

    def test_of_an_aws_user(self):
        store = stores.Aws()
        self.all_of(store, [store.env["AWS_SECRET_ACCESS_KEY"]])

    def test_of_an_aws_session(self):
        store = stores.Aws()
        self.all_of(store, ["not-a-real-secret", "not-a-real-token"],
                    env={"AWS_SECRET_ACCESS_KEY": "not-a-real-secret", "AWS_SESSION_TOKEN": "not-a-real-token"})

    def test_in_the_arguments_of_the_programs_that_give_credentials(self):
        """What ours start is seen by everybody on the machine; what these print is a secret."""
        store = stores.Aws()
        seen = self.folder / "seen"
        process = self.folder / "credentials"
        printed = {"Version": 1, "AccessKeyId": store.env["AWS_ACCESS_KEY_ID"], "SecretAccessKey": store.env["AWS_SECRET_ACCESS_KEY"]}
        process.write_text(f"#!/bin/sh\ntr '\\0' ' ' </proc/$$/cmdline >>{seen}\ncat <<'END'\n{json.dumps(printed)}\nEND\n")
        process.chmod(0o700)
        (self.folder / "config").write_text(f"[profile p]\ncredential_process = {process} for-tests\n")
        env = {"AWS_PROFILE": "p", "AWS_CONFIG_FILE": str(self.folder / "config")}
        secret = store.env.pop("AWS_SECRET_ACCESS_KEY")
        del store.env["AWS_ACCESS_KEY_ID"]
        self.all_of(store, [secret], env=env)
        self.assertIn("for-tests", seen.read_text())
        self.assertNotIn(secret, seen.read_text())

    def test_goes_by_unseen(self):
        """The look at every program's words, by which all these tests stand, is no blind one."""
        for secret, said in (("not-a-real-secret", "x not-a-real-secret y"), ("", "Authorization: Bearer " + "a" * 30)):
            shown = self.start("producer", "--help", env={"AWS_SECRET_ACCESS_KEY": secret})
            shown.process.wait()
            shown.text = lambda _, said=said: said
            with self.assertRaisesRegex(AssertionError, "was shown"):
                shown.wait()
            shown.text = lambda _: ""


if __name__ == "__main__":
    edw.main()
