"""Azurite behind a proxy that fails: Azure's queue and table when the network and the service are at their worst."""

import chaos
import edw
import stores


class OnAzurite(chaos.ThroughFaults):
    cloud = "azure"
    messages = 500

    def setUp(self):
        super().setUp()
        self.store = stores.Azure()
        parts = self.store.parts
        proxy = self.proxy([parts["QueueEndpoint"], parts["TableEndpoint"]])
        account = parts["AccountName"]
        for name, port in zip(("QueueEndpoint", "TableEndpoint"), proxy.ports):
            parts[name] = f"http://127.0.0.1:{port}/{account}"
        self.env["AZURE_STORAGE_CONNECTION_STRING"] = ";".join(f"{name}={value}" for name, value in parts.items())

    def left(self):
        return self.store.queues.get_queue_client(self.store.queue_name).get_queue_properties().approximate_message_count

    def test_nothing_is_lost_between_faults_and_kills(self):
        self.through()
        self.assertEqual(self.store.peek(self.store.queue_name + "-poison"), [])


if __name__ == "__main__":
    edw.main()
