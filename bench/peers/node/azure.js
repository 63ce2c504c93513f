// Azure: 64 requests in flight, 32 messages a receive, rows by transaction.
import { QueueServiceClient } from "@azure/storage-queue";
import { TableClient } from "@azure/data-tables";
import { lanes, make, row } from "./body.js";

const text = process.env.AZURE_STORAGE_CONNECTION_STRING;
const queue = QueueServiceClient.fromConnectionString(text).getQueueClient("messages");
const table = TableClient.fromConnectionString(text, "results", { allowInsecureConnection: true });

export async function send(count) {
  let next = 1;
  await lanes(64, async () => {
    while (next <= count) await queue.sendMessage(make(next++));
  });
}

export async function consume(count) {
  let left = count;
  await lanes(4, async () => {
    while (left > 0) {
      const numberOfMessages = Math.min(32, left);
      left -= numberOfMessages;
      const { receivedMessageItems: messages } = await queue.receiveMessages({ numberOfMessages, visibilityTimeout: 60 });
      if (messages.length === 0) return;
      left += numberOfMessages - messages.length;
      const partitions = new Map();
      for (const message of messages) {
        const entity = row(message.messageText, message.messageId);
        if (!partitions.has(entity.partitionKey)) partitions.set(entity.partitionKey, []);
        partitions.get(entity.partitionKey).push(["upsert", entity, "Replace"]);
      }
      await Promise.all([...partitions.values()].map((actions) => table.submitTransaction(actions)));
      await Promise.all(messages.map((message) => queue.deleteMessage(message.messageId, message.popReceipt)));
    }
  });
}
