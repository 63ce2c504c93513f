#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/random.hpp"
#include "fakes/client.hpp"
#include "fakes/clock.hpp"
#include "fakes/run.hpp"
#include "storage/aws/service.hpp"
#include "storage/aws/shared.hpp"

// A queue or a table on scripted replies, without the layers of retrying and signing.
struct Scripted : testing::Test {
  storage::aws::Service service(std::string name, std::string kind, std::string queue_url = {}) {
    bool const queue = kind == "queue";
    storage::aws::Endpoint endpoint;
    endpoint.origin.host = "aws.example";
    endpoint.region = "eu-west-1";
    endpoint.name = std::move(name);
    endpoint.queue_url = std::move(queue_url);
    storage::aws::Target target;
    target.service = queue ? "SQS" : "DynamoDB";
    target.iam = queue ? "sqs:" : "dynamodb:";
    target.kind = std::move(kind);
    target.name = endpoint.name;
    target.region = endpoint.region;
    target.endpoint = endpoint.origin.to_string();
    target.credential = "the keys of AWS_ACCESS_KEY_ID";
    return {client, std::move(endpoint), std::move(target), queue ? "AmazonSQS." : "DynamoDB_20120810."};
  }

  template <class T>
  T run(boost::asio::awaitable<T> task) {
    return fakes::run(loop, std::move(task));
  }

  // A reply that failed with one of the service's codes.
  void refuse(std::string const& code, std::string const& message = "words", int status = 400) {
    client.reply(status, "{\"__type\":\"com.amazonaws#" + code + "\",\"message\":\"" + message + "\"}");
  }
  std::string action(std::size_t i) const {
    if (i >= client.requests.size()) return "no request " + std::to_string(i);
    auto const target = client.requests[i].headers.find("X-Amz-Target");
    return target ? std::string(target->substr(target->find('.') + 1)) : "";
  }
  std::string body(std::size_t i) const { return i < client.requests.size() ? client.requests[i].body : ""; }

  boost::asio::io_context loop;
  fakes::Client client;
  fakes::Clock clock;
  base::SeededRandom random{7};
  base::NoLog log;
  http::RetryQuota quota;
  http::Gates gates;
  http::Retries counters;
  storage::aws::Shared shared{clock, random, log, quota, {}, &gates, &counters};
};
