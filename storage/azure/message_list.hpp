#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace storage::azure {

// One message of a QueueMessagesList as it stands there: views, with their escapes.
struct ListedMessage {
  std::string_view id;
  std::string_view inserted;  // RFC 1123
  std::string_view expires;
  std::string_view receipt;
  std::string_view count;  // of deliveries, a number; empty where it isn't told
  std::string_view text;
};

// Reads the Queue service's list in place, without a document. It is strict and reads only what the services
// write: whatever is malformed or out of the ordinary (white space between elements, attributes, comments,
// elements in elements) ends it with false, and the caller turns to a whole XML parser. What it accepts, that
// parser accepts too, and with the same values.
bool read_message_list(std::string_view xml, std::vector<ListedMessage>& messages);

// The text that an element's stands for. False where it holds an escape other than XML's own and &#xD;.
bool unescape(std::string_view escaped, std::string& text);

// Where the first byte stands that is one of & < > and carriage return; else `end`.
char const* xml_run(char const* at, char const* end);

}  // namespace storage::azure
