#include "app/tracing/place.hpp"

#include <gtest/gtest.h>

namespace {

using app::tracing::queue_place;
using app::tracing::table_place;

TEST(Place, NamesTheSystemAndTheQueueOrTable) {
  struct Case {
    char const* uri;
    bool queue;
    char const* system;
    char const* name;
  };
  for (auto const& each :
       {Case{"sqlite:/tmp/edw.db#messages", true, "sqlite", "messages"},
        Case{"azure:q", true, "azure_queue", "q"}, Case{"azure://account/q", true, "azure_queue", "q"},
        Case{"https://account.queue.core.windows.net/q", true, "azure_queue", "q"},
        Case{"https://account.table.core.chinacloudapi.cn/t", false, "azure_table", "t"},
        Case{"azure:t", false, "azure_table", "t"}, Case{"aws:q.fifo", true, "aws_sqs", "q.fifo"},
        Case{"https://sqs.eu-west-1.amazonaws.com/123456789012/q", true, "aws_sqs", "q"},
        Case{"aws://eu-west-1/t", false, "aws_dynamodb", "t"}, Case{"memory:q", true, "memory", "q"},
        Case{"no uri", true, "", ""}}) {
    auto const found = each.queue ? queue_place(each.uri) : table_place(each.uri);
    EXPECT_EQ(found.system, each.system) << each.uri;
    EXPECT_EQ(found.name, each.name) << each.uri;
  }
}

}  // namespace
