"""What the services and the schedulers allow, each with the page that says so. Where a page gives a target for messages or rows
of 1 KiB, nothing is published for larger ones."""

from dataclasses import dataclass

AZURE_QUEUES = "https://learn.microsoft.com/azure/storage/queues/scalability-targets"
AZURE_TABLES = "https://learn.microsoft.com/azure/storage/tables/scalability-targets"
AZURE_ACCOUNTS = "https://learn.microsoft.com/azure/storage/common/scalability-targets-standard-account"
SQS_MESSAGES = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html"
SQS_QUEUES = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html"
DYNAMODB_KEYS = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html"
DYNAMODB_ON_DEMAND = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode-max-throughput.html"
DYNAMODB_NEW = "https://repost.aws/knowledge-center/on-demand-table-throttling-dynamodb"


@dataclass(frozen=True)
class Limit:
    value: int
    what: str
    page: str


QUEUE_MESSAGES = Limit(2_000, "messages a second on one Azure queue", AZURE_QUEUES)
ACCOUNT_MESSAGES = Limit(20_000, "messages a second in all queues of a storage account", AZURE_QUEUES)
PARTITION_ROWS = Limit(2_000, "rows a second in one partition of an Azure table", AZURE_TABLES)
ACCOUNT_ROWS = Limit(20_000, "rows a second in all tables of a storage account", AZURE_TABLES)
ACCOUNT_REQUESTS = Limit(20_000, "requests a second to a storage account (40,000 in the largest regions)", AZURE_ACCOUNTS)
ACCOUNTS = Limit(250, "storage accounts in a region and subscription, before one asks for more", AZURE_ACCOUNTS)
AZURE_BODY = Limit(65_536, "bytes of a message's text on an Azure queue", AZURE_QUEUES)
FIFO_REQUESTS = Limit(300, "requests a second of each kind on a FIFO queue, of up to 10 messages each", SQS_MESSAGES)
FIFO_HIGH = Limit(70_000, "requests a second of each kind on a FIFO queue in high-throughput mode, in the largest regions", SQS_MESSAGES)
SQS_IN_FLIGHT = Limit(120_000, "messages in flight on an SQS queue", SQS_QUEUES)
PARTITION_UNITS = Limit(1_000, "write units a second on one DynamoDB partition, of 1 KiB each", DYNAMODB_KEYS)
TABLE_UNITS = Limit(40_000, "write units a second on an on-demand table, before one asks for more", DYNAMODB_ON_DEMAND)
NEW_TABLE_UNITS = Limit(4_000, "write units a second on a new on-demand table; it doubles in 30 minutes", DYNAMODB_NEW)
SQS_CHUNK = Limit(65_536, "bytes in one request that SQS charges as one", "https://aws.amazon.com/sqs/pricing/")

ALL = [QUEUE_MESSAGES, ACCOUNT_MESSAGES, PARTITION_ROWS, ACCOUNT_ROWS, ACCOUNT_REQUESTS, ACCOUNTS, AZURE_BODY, FIFO_REQUESTS, FIFO_HIGH,
       SQS_IN_FLIGHT, SQS_CHUNK, PARTITION_UNITS, TABLE_UNITS, NEW_TABLE_UNITS]

SHARDS = 256  # partitions of a run's rows, by docs/contract.md


def write_units(row_bytes):
    """DynamoDB's write units for one row."""
    return -(-int(row_bytes) // 1024)


def sqs_charged(body_bytes):
    """Requests that SQS charges for one request with so many bytes in it: one for each 64 KiB."""
    return max(1, -(-int(body_bytes) // SQS_CHUNK.value))


def azure_rate(queues, accounts, requests):
    """Messages a second that are sent, consumed and made rows on so many queues, evenly over the accounts, and what binds.
    `requests` is how many requests to the account a message costs in all, sending included."""
    bounds = [(queues * QUEUE_MESSAGES.value, "queue"), (accounts * ACCOUNT_MESSAGES.value, "account's messages"),
              (accounts * ACCOUNT_ROWS.value, "account's rows"), (accounts * ACCOUNT_REQUESTS.value / requests, "account's requests"),
              (accounts * SHARDS * PARTITION_ROWS.value, "partition")]
    return min(bounds)


def fifo_rate(queues, batch=10, high=False):
    """Messages a second on FIFO queues: a limit for each kind of request, so that sending and consuming do not share it."""
    return queues * (FIFO_HIGH if high else FIFO_REQUESTS).value * batch


def in_flight_rate(queues, seconds_held):
    """Messages a second that a standard SQS queue lets through where each is leased for so long."""
    return float("inf") if seconds_held <= 0 else queues * SQS_IN_FLIGHT.value / seconds_held
