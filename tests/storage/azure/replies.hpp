#pragma once

#include <string>
#include <string_view>
#include <vector>

// Replies as the services write them, for tests that script them.
namespace replies {

inline constexpr std::string_view batch_type = "multipart/mixed; boundary=batchresponse_1";

struct Inner {
  int status = 204;
  int content_id = 1;
  std::string body;
};

inline std::string batch(std::vector<Inner> const& replies) {
  std::string text =
      "--batchresponse_1\r\nContent-Type: multipart/mixed; boundary=changesetresponse_2\r\n\r\n";
  for (auto const& reply : replies) {
    text +=
        "--changesetresponse_2\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: "
        "binary\r\n\r\n";
    text += "HTTP/1.1 " + std::to_string(reply.status) +
            " Reason\r\nContent-ID: " + std::to_string(reply.content_id) +
            "\r\nX-Content-Type-Options: nosniff\r\nDataServiceVersion: 3.0;\r\n\r\n" + reply.body + "\r\n";
  }
  return text + "--changesetresponse_2--\r\n--batchresponse_1--\r\n";
}

inline std::string json_error(std::string const& code, std::string const& message) {
  return "{\"odata.error\":{\"code\":\"" + code + "\",\"message\":{\"lang\":\"en-US\",\"value\":\"" +
         message + "\"}}}";
}

inline std::string message(std::string const& id, std::string const& receipt, std::string const& text) {
  return "<QueueMessage><MessageId>" + id +
         "</MessageId><InsertionTime>Fri, 09 Oct 2009 21:04:30 GMT"
         "</InsertionTime><PopReceipt>" +
         receipt + "</PopReceipt><DequeueCount>1</DequeueCount><MessageText>" + text +
         "</MessageText></QueueMessage>";
}

inline std::string messages(std::string const& items) {
  return "<?xml version=\"1.0\"?><QueueMessagesList>" + items + "</QueueMessagesList>";
}

}  // namespace replies
