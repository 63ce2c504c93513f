// A message as our producer writes it, and its row as our consumer writes it.
import { createHash } from "node:crypto";

const size = 600;
const stamp = () => new Date().toISOString().replace("T", " ").replace("Z", "000");

export function make(seq) {
  const msg = `Scale Test Message : COUNT ${seq}`;
  const payload = "x".repeat(size - 240);
  const hash = createHash("sha256").update(msg + payload).digest("hex");
  return JSON.stringify({ msg, srcStamp: stamp(), run: "peer", seq, hash, payload });
}

export function row(text, messageId) {
  const body = JSON.parse(text);
  return {
    partitionKey: (Math.floor(body.seq / 32) % 256).toString(16).padStart(2, "0") + "-" + body.run,
    rowKey: String(body.seq).padStart(12, "0"),
    data: body.msg, srcStamp: body.srcStamp, dateStamp: stamp(), payload: body.payload, hash: body.hash, run: body.run,
    seq: String(body.seq), messageId, consumer: "peer", receiveCount: "1", messageProcessingTime: "0.1",
  };
}

// Runs work(lane) in so many lanes side by side.
export const lanes = (count, work) => Promise.all(Array.from({ length: count }, (_, lane) => work(lane)));
