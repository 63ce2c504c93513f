#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/core/queue.hpp"

// The Queue service's requests and replies as text. Pure functions; decoders take any bytes.
// https://learn.microsoft.com/rest/api/storageservices/queue-service-rest-api
namespace storage::azure {

inline constexpr std::size_t max_message = 65'536;  // bytes of text, before XML escapes it
inline constexpr int max_receive = 32;
inline constexpr std::chrono::seconds max_visibility = std::chrono::days(7);

// Paths and queries. `queue` is the endpoint's prefix and the queue's name: "/account/name" or "/name".
std::string put_target(std::string_view queue, std::chrono::seconds delay,
                       std::optional<std::chrono::seconds> ttl);
std::string get_target(std::string_view queue, int at_most, std::chrono::seconds lease);
std::string update_target(std::string_view queue, Message const& message, std::chrono::seconds visibility);
std::string delete_target(std::string_view queue, Message const& message);

// Why a message can't be put; nothing where it can. too_large or invalid.
std::optional<Error> check_message(Outgoing const& message);

// <QueueMessage>…; a carriage return is written as &#xD;, or XML would make it a line feed.
std::string encode_message(std::string_view body);

// The messages of a reply to Get (or, without text, to Put). Nothing: not such a reply. lease_until is the
// caller's to fill in.
std::optional<std::vector<Message>> decode_messages(std::string_view xml);
// The same by a whole XML parser, which decode_messages turns to for what is out of the ordinary.
std::optional<std::vector<Message>> parse_messages(std::string_view xml);
// Whether it is a reply to Put that tells of what was put.
bool tells_of_message(std::string_view xml);

}  // namespace storage::azure
