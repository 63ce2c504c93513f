#pragma once

#include "stub/cloud.hpp"

namespace stub {

// SQS by its JSON protocol and DynamoDB, told apart by X-Amz-Target. API references:
// docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference,
// docs.aws.amazon.com/amazondynamodb/latest/APIReference
struct Aws {
  Cloud& cloud;
  Request const& request;
  Time now;

  std::optional<Time> answer(std::string& out, bool last);

 private:
  using Body = std::string_view;

  std::optional<Time> sqs(std::string_view action, std::string& out, bool last);
  void send(Queue& queue, Body entry, std::string& result);
  void send_batch(Queue& queue, std::string& out);
  std::optional<Time> receive(Queue& queue, std::string& out, bool last);
  void change_batch(Queue& queue, bool removing, std::string& out);
  bool change(Queue& queue, bool removing, Body entry);
  void attributes(Queue& queue, std::string& out);

  void dynamodb(std::string_view action, std::string& out);
  void put(Table& table, Body item);
  void batch_write(std::string& out);
  void describe(Table const& table, std::string_view name, std::string_view member, std::string& out);
  void scan(std::string& out);
  std::string item_key(Table const& table, Body item) const;

  void reply(Body body, std::string& out);
  void fail(std::string_view type, std::string& out);
};

}  // namespace stub
