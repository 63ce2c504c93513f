#pragma once

#include <string>
#include <string_view>

namespace app::tracing {

// What a span says about where it went: values as in docs/metrics.md.
struct Place {
  std::string system;  // "azure_queue", "aws_dynamodb", …; of an unknown kind of URI its scheme
  std::string name;    // of the queue or table alone
};

Place queue_place(std::string_view uri);
Place table_place(std::string_view uri);

}  // namespace app::tracing
