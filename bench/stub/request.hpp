#pragma once

#include <cstddef>
#include <string_view>

namespace stub {

// One HTTP/1.1 request, as views into the connection's buffer.
struct Request {
  std::string_view method;
  std::string_view path;           // without the query
  std::string_view query;          // behind '?'
  std::string_view target_header;  // X-Amz-Target, empty for what is no AWS request
  std::string_view prefer;
  std::string_view host;
  std::string_view body;
  bool close = false;  // the client wants the connection closed afterwards
  bool http10 = false;
  bool secure = false;  // it came by https; the server says so
};

enum class Progress { incomplete, wants_continue, complete, length_required, malformed };

struct Parsed {
  Progress progress = Progress::incomplete;
  std::size_t size = 0;  // bytes that the request takes, where complete
  Request request;
};

// Looks at what has come so far. A body without Content-Length is refused: no client of the services sends
// one.
Parsed parse(std::string_view buffer);

// The value of a query's parameter as it stands there, percent-encoded; empty where it is absent.
std::string_view parameter(std::string_view query, std::string_view name);
// Its value as a number, or `otherwise` where there is none.
std::size_t number(std::string_view text, std::size_t otherwise);

}  // namespace stub
