// AWS: several requests in flight, and batches of everything that has batches.
import { DynamoDBClient, BatchWriteItemCommand } from "@aws-sdk/client-dynamodb";
import {
  SQSClient, GetQueueUrlCommand, SendMessageBatchCommand, ReceiveMessageCommand, DeleteMessageBatchCommand,
} from "@aws-sdk/client-sqs";
import { lanes, make, row } from "./body.js";

const sqs = new SQSClient({});
const dynamodb = new DynamoDBClient({});
const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: "messages" }));

export async function send(count) {
  let next = 1;
  await lanes(8, async () => {
    while (next <= count) {
      const Entries = [];
      for (; Entries.length < 10 && next <= count; ++next) Entries.push({ Id: String(next), MessageBody: make(next) });
      const { Failed } = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      if (Failed?.length) throw new Error(JSON.stringify(Failed));
    }
  });
}

function item(entity) {
  const { partitionKey, rowKey, ...rest } = entity;
  const named = { PartitionKey: partitionKey, RowKey: rowKey, ...rest };
  return Object.fromEntries(Object.entries(named).map(([name, value]) => [name, { S: value }]));
}

async function write(messages) {
  let requests = messages.map((message) => ({ PutRequest: { Item: item(row(message.Body, message.MessageId)) } }));
  while (requests?.length) {
    const { UnprocessedItems } = await dynamodb.send(new BatchWriteItemCommand({ RequestItems: { results: requests } }));
    requests = UnprocessedItems?.results;
  }
}

export async function consume(count) {
  let left = count;
  const receive = async () => {
    const wanted = Math.min(10, left);
    if (wanted <= 0) return [];
    left -= wanted;
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: wanted, VisibilityTimeout: 60 }));
    left += wanted - Messages.length;
    return Messages;
  };
  await lanes(6, async () => {
    while (left > 0) {
      const messages = (await Promise.all([receive(), receive()])).flat(); // two receives fill most of a write
      if (messages.length === 0) return;
      await write(messages);
      const batches = [];
      for (let first = 0; first < messages.length; first += 10) batches.push(messages.slice(first, first + 10));
      await Promise.all(batches.map((batch) => sqs.send(new DeleteMessageBatchCommand({
        QueueUrl, Entries: batch.map((message, number) => ({ Id: String(number), ReceiptHandle: message.ReceiptHandle })),
      }))));
    }
  });
}
