"""moto behind a proxy that fails: SQS and DynamoDB, signatures verified, when the network is at its worst."""

import chaos
import edw
import stores


class OnMoto(chaos.ThroughFaults):
    cloud = "aws"
    messages = 300

    def setUp(self):
        super().setUp()
        self.store = stores.Aws()
        self.store.create()  # moto makes a queue's URL from the host that it is asked by
        proxy = self.proxy([self.store.endpoint])
        self.env.update({**self.store.env, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{proxy.ports[0]}"})

    def left(self):
        url = self.store.sqs.get_queue_url(QueueName=self.store.queue_name)["QueueUrl"]
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"]
        counts = self.store.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return sum(int(counts[name]) for name in names)

    def test_nothing_is_lost_between_faults_and_kills(self):
        self.through()


if __name__ == "__main__":
    edw.main()
