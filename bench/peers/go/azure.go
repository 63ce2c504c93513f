package main

import (
	"context"
	"encoding/json"
	"os"
	"sync/atomic"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

// Azure: 64 requests in flight, 32 messages a receive, rows by transaction.
func azureClients() (*azqueue.QueueClient, *aztables.Client) {
	text := os.Getenv("AZURE_STORAGE_CONNECTION_STRING")
	queue, err := azqueue.NewQueueClientFromConnectionString(text, "messages", nil)
	check(err)
	tables, err := aztables.NewServiceClientFromConnectionString(text, nil)
	check(err)
	return queue, tables.NewClient("results")
}

func azureSend(count int) {
	queue, _ := azureClients()
	var next atomic.Int64
	lanes(64, func() {
		for seq := next.Add(1); seq <= int64(count); seq = next.Add(1) {
			_, err := queue.EnqueueMessage(context.Background(), makeBody(int(seq)), nil)
			check(err)
		}
	})
}

func azureConsume(count int) {
	queue, table := azureClients()
	left := newShare(count)
	lanes(4, func() {
		for wanted := left.take(32); wanted > 0; wanted = left.take(32) {
			number, timeout := int32(wanted), int32(60)
			reply, err := queue.DequeueMessages(context.Background(),
				&azqueue.DequeueMessagesOptions{NumberOfMessages: &number, VisibilityTimeout: &timeout})
			check(err)
			left.giveBack(wanted - len(reply.Messages))
			if len(reply.Messages) == 0 {
				return
			}
			partitions := map[string][]aztables.TransactionAction{}
			for _, message := range reply.Messages {
				partition, key, values := row(*message.MessageText, *message.MessageID)
				values["PartitionKey"], values["RowKey"] = partition, key
				entity, err := json.Marshal(values)
				check(err)
				partitions[partition] = append(partitions[partition],
					aztables.TransactionAction{ActionType: aztables.TransactionTypeInsertReplace, Entity: entity})
			}
			for _, actions := range partitions {
				_, err := table.SubmitTransaction(context.Background(), actions, nil)
				check(err)
			}
			each(reply.Messages, func(message *azqueue.DequeuedMessage) {
				_, err := queue.DeleteMessage(context.Background(), *message.MessageID, *message.PopReceipt, nil)
				check(err)
			})
		}
	})
}
