#pragma once

#include <string>

#include "app/options.hpp"
#include "base/environment.hpp"
#include "base/error.hpp"

namespace app {

struct Addresses {
  std::string queue;
  std::string table;
  std::string queue_origin;  // where they came from, to begin a complaint with: "--queue"
  std::string table_origin;
  bool by_default = false;  // nothing named them: the embedded default
};

// What a command needs of the two.
enum class Need { queue, table, both };

// The queue's and the table's URI: as given by --queue and --table; with neither, from the reference samples'
// variables (AZURE_QUEUE_NAME + AZURE_TABLE_NAME, or SQS_QUEUE_URL + DYNAMODB_TABLE); without those, the
// embedded default. invalid: both samples' sets at once, or one of the two alone where both are needed.
base::Result<Addresses> addresses(Command const& command, std::string const& queue, std::string const& table,
                                  Need need, base::Environment const& environment);

// The error of a URI that can't be used, beginning with where the URI came from.
base::Error complaint(std::string const& origin, base::Error error);

// The error of opening what is there; where nothing was named, it ends with how to name it.
base::Error unopened(Addresses const& where, base::Error error);

}  // namespace app
