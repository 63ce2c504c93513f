#pragma once

#include "stub/cloud.hpp"

namespace stub {

// Azure's Queue and Table services, path style: /ACCOUNT/QUEUE/messages, /ACCOUNT/TABLE(...),
// /ACCOUNT/$batch. https://learn.microsoft.com/rest/api/storageservices/
struct Azure {
  Cloud& cloud;
  Request const& request;
  Time now;

  void answer(std::string& out);

 private:
  void queue_request(std::string_view name, std::string_view rest, std::string& out);
  void put_message(Queue& queue, std::string& out);
  void get_messages(Queue& queue, std::string& out);
  void change_message(Queue& queue, std::string_view id, std::string& out);
  void entity_request(std::string_view name, std::string_view key, std::string& out);
  void query(std::string_view name, std::string& out);
  void transaction(std::string& out);
  // Writes the row; false where it is there already and must not be.
  bool write(std::string_view table, std::string_view method, std::string_view json);
  void refuse(std::string_view status, std::string_view code, std::string& out);
  void reply(std::string_view status, std::string_view headers, std::string_view body, std::string& out);
};

}  // namespace stub
