#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "http/request.hpp"

namespace http {

bool is_token(std::string_view text);     // RFC 9110 section 5.6.2: a method, a header's name
bool has_control(std::string_view text);  // one that no header's value may hold: all but the tab

// invalid: what could not stand on the wire, or would smuggle in a second header or request.
std::optional<base::Error> refuse(Request const& request);

// What stands in a request besides what its sender says.
struct Envelope {
  std::string_view user_agent;
  bool whole_url = false;                // to a proxy that reads HTTP itself (RFC 9112 section 3.2.2)
  std::string_view proxy_authorization;  // for that proxy; empty for none
};

// Appends the request's line and header fields and the empty line after them, as they stand on the wire. The
// length is always that of the body; nothing is compressed and no permission to send the body is asked for.
void append_head(std::string& out, Request const& request, Envelope const& envelope);

}  // namespace http
