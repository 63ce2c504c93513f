package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

const size = 600

// Body is a message as our producer writes it.
type Body struct {
	Msg      string `json:"msg"`
	SrcStamp string `json:"srcStamp"`
	Run      string `json:"run"`
	Seq      int    `json:"seq"`
	Hash     string `json:"hash"`
	Payload  string `json:"payload"`
}

func stamp() string { return time.Now().UTC().Format("2006-01-02 15:04:05.000000") }

func makeBody(seq int) string {
	body := Body{Msg: fmt.Sprintf("Scale Test Message : COUNT %d", seq), SrcStamp: stamp(), Run: "peer", Seq: seq,
		Payload: strings.Repeat("x", size-240)}
	sum := sha256.Sum256([]byte(body.Msg + body.Payload))
	body.Hash = hex.EncodeToString(sum[:])
	text, err := json.Marshal(body)
	check(err)
	return string(text)
}

// row is what our consumer writes for a message: the key's two parts, and the attributes.
func row(text, messageID string) (partition, key string, values map[string]string) {
	var body Body
	check(json.Unmarshal([]byte(text), &body))
	return fmt.Sprintf("%02x-%s", body.Seq/32%256, body.Run), fmt.Sprintf("%012d", body.Seq), map[string]string{
		"data": body.Msg, "srcStamp": body.SrcStamp, "dateStamp": stamp(), "payload": body.Payload, "hash": body.Hash,
		"run": body.Run, "seq": fmt.Sprint(body.Seq), "messageId": messageID, "consumer": "peer", "receiveCount": "1",
		"messageProcessingTime": "0.1"}
}
