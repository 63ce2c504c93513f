package main

import (
	"context"
	"strconv"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// AWS: several requests in flight, and batches of everything that has batches.
func awsClients() (*sqs.Client, *dynamodb.Client, *string) {
	settings, err := config.LoadDefaultConfig(context.Background())
	check(err)
	queue := sqs.NewFromConfig(settings)
	found, err := queue.GetQueueUrl(context.Background(), &sqs.GetQueueUrlInput{QueueName: aws.String("messages")})
	check(err)
	return queue, dynamodb.NewFromConfig(settings), found.QueueUrl
}

func awsSend(count int) {
	queue, _, url := awsClients()
	var next atomic.Int64
	lanes(8, func() {
		for first := int(next.Add(10)) - 9; first <= count; first = int(next.Add(10)) - 9 {
			var entries []types.SendMessageBatchRequestEntry
			for seq := first; seq < first+10 && seq <= count; seq++ {
				entries = append(entries, types.SendMessageBatchRequestEntry{
					Id: aws.String(strconv.Itoa(seq)), MessageBody: aws.String(makeBody(seq))})
			}
			reply, err := queue.SendMessageBatch(context.Background(),
				&sqs.SendMessageBatchInput{QueueUrl: url, Entries: entries})
			check(err)
			if len(reply.Failed) > 0 {
				panic("a message was refused")
			}
		}
	})
}

func write(table *dynamodb.Client, messages []types.Message) {
	var requests []dynamodbtypes.WriteRequest
	for _, message := range messages {
		partition, key, values := row(*message.Body, *message.MessageId)
		values["PartitionKey"], values["RowKey"] = partition, key
		item := map[string]dynamodbtypes.AttributeValue{}
		for name, value := range values {
			item[name] = &dynamodbtypes.AttributeValueMemberS{Value: value}
		}
		requests = append(requests, dynamodbtypes.WriteRequest{PutRequest: &dynamodbtypes.PutRequest{Item: item}})
	}
	for len(requests) > 0 {
		reply, err := table.BatchWriteItem(context.Background(), &dynamodb.BatchWriteItemInput{
			RequestItems: map[string][]dynamodbtypes.WriteRequest{"results": requests}})
		check(err)
		requests = reply.UnprocessedItems["results"]
	}
}

func awsConsume(count int) {
	queue, table, url := awsClients()
	left := newShare(count)
	receive := func() []types.Message {
		wanted := left.take(10)
		if wanted == 0 {
			return nil
		}
		reply, err := queue.ReceiveMessage(context.Background(), &sqs.ReceiveMessageInput{
			QueueUrl: url, MaxNumberOfMessages: int32(wanted), VisibilityTimeout: 60})
		check(err)
		left.giveBack(wanted - len(reply.Messages))
		return reply.Messages
	}
	lanes(6, func() {
		for messages := append(receive(), receive()...); len(messages) > 0; messages = append(receive(), receive()...) {
			write(table, messages) // two receives fill most of a write
			for len(messages) > 0 {
				batch := messages[:min(10, len(messages))]
				messages = messages[len(batch):]
				var entries []types.DeleteMessageBatchRequestEntry
				for number, message := range batch {
					entries = append(entries, types.DeleteMessageBatchRequestEntry{
						Id: aws.String(strconv.Itoa(number)), ReceiptHandle: message.ReceiptHandle})
				}
				_, err := queue.DeleteMessageBatch(context.Background(),
					&sqs.DeleteMessageBatchInput{QueueUrl: url, Entries: entries})
				check(err)
			}
		}
	})
}
