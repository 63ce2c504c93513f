#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "base/random.hpp"
#include "fakes/client.hpp"
#include "fakes/clock.hpp"
#include "fakes/run.hpp"
#include "storage/azure/cloud.hpp"

// The cloud on scripted replies, simulated time and a fixed seed.
class World : public testing::Test {
 protected:
  explicit World(std::string connection = "AccountName=acc;AccountKey=bm90IGEgcmVhbCBrZXk=")
      : environment({{"AZURE_STORAGE_CONNECTION_STRING", std::move(connection)}}) {}

  std::unique_ptr<storage::Queue> queue() {
    return cloud->queue(storage::Uri::parse("azure:work").value()).value();
  }
  std::unique_ptr<storage::Table> table() {
    return cloud->table(storage::Uri::parse("azure:rows").value()).value();
  }
  template <class T>
  T run(boost::asio::awaitable<T> task) {
    return fakes::run(loop, std::move(task));
  }
  static http::Headers with(std::string const& name, std::string const& value) {
    http::Headers headers;
    headers.set(name, value);
    return headers;
  }

  boost::asio::io_context loop;
  fakes::Client client;
  fakes::Clock clock;
  base::SeededRandom random{1};
  base::NoLog log;
  base::Environment environment;
  std::unique_ptr<storage::Cloud> cloud =
      storage::azure::make_cloud({loop.get_executor(), client, clock, random, environment, log});
};
