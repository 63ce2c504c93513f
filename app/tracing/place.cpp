#include "app/tracing/place.hpp"

#include "storage/core/uri.hpp"

namespace app::tracing {

namespace {

Place place(std::string_view text, bool queue) {
  auto const uri = storage::Uri::parse(text);
  if (!uri) return {};
  Place found;
  auto const& path = uri->path;
  found.name = uri->scheme == "sqlite" ? uri->fragment : path.substr(path.rfind('/') + 1);
  auto const& host = uri->authority;
  bool const azure = uri->scheme == "azure" || host.find(queue ? ".queue." : ".table.") != std::string::npos;
  bool const aws = uri->scheme == "aws" || host.find("amazonaws.") != std::string::npos;
  if (azure)
    found.system = queue ? "azure_queue" : "azure_table";
  else if (aws || uri->scheme == "https")
    found.system = queue ? "aws_sqs" : "aws_dynamodb";
  else
    found.system = uri->scheme;
  return found;
}

}  // namespace

Place queue_place(std::string_view uri) { return place(uri, true); }
Place table_place(std::string_view uri) { return place(uri, false); }

}  // namespace app::tracing
