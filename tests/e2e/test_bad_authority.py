"""Entra ID and STS on a bad day: the provider is named, with the address and the next thing to do, and nobody waits for ever."""

import threading
import time

import edw
import stores
import token_service
from test_bad_identity import PROVIDER, BadIdentity
from token_service import Answer

SERVICE = {"azure": "entra", "aws": "sts"}

# What stands where a token service should be, or what that says on a bad day.
RUBBISH = {
    "a page": Answer(200, "<html><body>Welcome to the airport's wireless network</body></html>", "text/html"),
    "half a reply": Answer(200, '{"token_type":"Bearer","expires_in":3599,"access_tok'),
    "no token": Answer(200, '{"token_type":"Bearer","expires_in":3599}'),
    "an empty reply": Answer(200, ""),
    "a huge reply": Answer(200, b" " * (4 << 20)),
    "an error without words": Answer(400, "{}"),
    "a page for an error": Answer(404, "<html>not here</html>", "text/html"),
    "trouble": Answer(503, "<html>come back later</html>", "text/html"),
}


class Services(BadIdentity):
    def test_that_answer_rubbish(self):
        """All at once, each at a place of its own, for some are asked again a few times."""
        running = []
        for what, answer in RUBBISH.items():
            def give(answer=answer):
                raise answer
            service = token_service.TokenService()
            self.addCleanup(service.close)
            service.before = {each: give for each in SERVICE.values()}
            at = {"AZURE_AUTHORITY_HOST": service.url, "AWS_ENDPOINT_URL_STS": service.url}
            running += [(what, service, cloud, self.sending(cloud, **at)) for cloud in PROVIDER]
        for what, service, cloud, each in running:
            with self.subTest(what, cloud=cloud):
                self.complains(each, PROVIDER[cloud], service.url, "again" if what == "trouble" else "check")

    def test_that_are_down(self):
        for cloud, variable in (("azure", "AZURE_AUTHORITY_HOST"), ("aws", "AWS_ENDPOINT_URL_STS")):
            self.complains(self.sending(cloud, **{variable: "https://127.0.0.1:1"}), PROVIDER[cloud], "https://127.0.0.1:1", "check")

    def test_that_are_slow_are_waited_for(self):
        azure, aws = stores.Azure(connection="EDW_TEST_AZURITE_HTTPS"), stores.Aws()
        self.service.before = {service: lambda: time.sleep(5) for service in SERVICE.values()}
        for store in (azure, aws):
            store.create()
        running = [self.start("producer", "--count", 3, "--run", edw.unique(), "--queue", store.queue) for store in (azure, aws)]
        for each in running:
            self.assertEqual(each.wait().code, 0)

    def test_that_never_answer_are_given_up(self):
        for_ever = threading.Event()
        self.addCleanup(for_ever.set)
        self.service.before = {service: for_ever.wait for service in SERVICE.values()}
        running = {cloud: self.sending(cloud) for cloud in PROVIDER}
        for cloud, each in running.items():
            self.complains(each, PROVIDER[cloud], self.service.url)


if __name__ == "__main__":
    edw.main()
