#include "storage/azure/batch_wire.hpp"

#include <algorithm>
#include <cstring>

#include "base/encoding.hpp"
#include "storage/azure/table_wire.hpp"

namespace storage::azure {

namespace {

void append_part(std::string& text, BatchRow const& row, std::string_view origin, std::string_view id,
                 std::size_t number) {
  text += "--changeset_";
  text += id;
  text += "\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: ";
  text += std::to_string(number);
  text += "\r\n\r\nPUT ";
  text += origin;
  text += row.target;
  text += " HTTP/1.1\r\nContent-Type: application/json\r\nAccept: ";
  text += json_with_types;
  text += "\r\nDataServiceVersion: 3.0\r\n\r\n";
  text += row.json;
  text += "\r\n";
}

// Takes a line off the front, without its end.
std::string_view take_line(std::string_view& text) {
  auto const end = std::min(text.find('\n'), text.size());
  auto line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// Takes header fields and the empty line behind them off the front.
http::Headers take_headers(std::string_view& text) {
  http::Headers headers;
  while (!text.empty()) {
    auto const line = take_line(text);
    if (base::trim(line).empty()) break;
    auto const colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    headers.add(base::trim(line.substr(0, colon)), base::trim(line.substr(colon + 1)));
  }
  return headers;
}

// The same, unread.
std::string_view take_header_text(std::string_view& text) {
  auto const begin = text;
  while (!text.empty())
    if (base::trim(take_line(text)).empty()) break;
  return begin.substr(0, begin.size() - text.size());
}

// As string_view::find, by steps as long as `what` is.
std::size_t find_long(std::string_view text, std::string_view what) {
  if (text.empty()) return std::string_view::npos;  // which may be no place at all, as memmem wants one
  auto const* const found = memmem(text.data(), text.size(), what.data(), what.size());
  if (found == nullptr) return std::string_view::npos;
  return static_cast<std::size_t>(static_cast<char const*>(found) - text.data());
}

std::string boundary_of(std::string_view content_type) {
  auto const at = base::lower(content_type).find("boundary=");
  if (at == std::string::npos) return {};
  auto value = content_type.substr(at + 9);
  if (value.starts_with('"')) return std::string(value.substr(1, value.substr(1).find('"')));
  return std::string(base::trim(value.substr(0, value.find(';'))));
}

// What stands between the boundaries (RFC 2046 section 5.1); nothing where the last one is missing.
std::optional<std::vector<std::string_view>> parts_of(std::string_view body, std::string const& boundary) {
  if (boundary.empty()) return std::nullopt;
  auto const delimiter = "--" + boundary;
  std::vector<std::string_view> parts;
  auto at = find_long(body, delimiter);
  while (at != std::string_view::npos) {
    body.remove_prefix(at + delimiter.size());
    if (body.starts_with("--")) return parts;
    take_line(body);
    at = find_long(body, delimiter);
    if (at != std::string_view::npos) parts.push_back(body.substr(0, at));
  }
  return std::nullopt;
}

// "1:The entity …" begins the message of a failure with the index of its row.
std::optional<std::size_t> index_in(std::string_view body) {
  auto const value = body.find("\"value\":\"");
  if (value == std::string_view::npos) return std::nullopt;
  auto const text = body.substr(value + 9);
  auto const colon = text.find(':');
  if (colon > 4) return std::nullopt;  // none, or too far off to be an index
  return base::parse_u64(text.substr(0, colon));
}

std::optional<std::size_t> content_id(http::Headers const& headers) {
  auto const text = headers.find("Content-ID");
  auto const number = text ? base::parse_u64(*text) : std::nullopt;
  return number && *number > 0 ? std::optional<std::size_t>(*number - 1) : std::nullopt;
}

std::optional<InnerReply> inner_reply(std::string_view part) {
  InnerReply reply;
  auto outer = take_header_text(part);
  std::string_view line;
  while (line.empty() && !part.empty()) line = base::trim(take_line(part));
  if (!line.starts_with("HTTP/1.") || line.size() < 12) return std::nullopt;
  auto const status = base::parse_u64(line.substr(9, 3));
  if (!status) return std::nullopt;
  reply.response.status = static_cast<int>(*status);
  if (reply.response.ok()) return reply;
  reply.response.headers = take_headers(part);
  reply.response.body = base::trim(part);
  reply.index = index_in(reply.response.body);
  if (!reply.index) reply.index = content_id(reply.response.headers);
  if (!reply.index) reply.index = content_id(take_headers(outer));
  return reply;
}

}  // namespace

std::size_t batch_size(BatchRow const& row) { return row.target.size() + row.json.size() + 512; }

Batch encode_batch(std::vector<BatchRow> const& rows, std::string_view origin, std::string_view id) {
  Batch batch;
  batch.content_type = "multipart/mixed; boundary=batch_" + std::string(id);
  std::size_t size = 512;
  for (auto const& row : rows) size += batch_size(row) + origin.size();
  auto& body = batch.body;
  body.reserve(size);
  body = "--batch_" + std::string(id) + "\r\nContent-Type: multipart/mixed; boundary=changeset_" +
         std::string(id) + "\r\n\r\n";
  for (std::size_t i = 0; i < rows.size(); ++i) append_part(body, rows[i], origin, id, i + 1);
  body += "--changeset_" + std::string(id) + "--\r\n--batch_" + std::string(id) + "--\r\n";
  return batch;
}

bool may_hold_failure(std::string_view body) {
  constexpr std::string_view version = "HTTP/1.";
  for (auto at = body.find(version); at != std::string_view::npos; at = body.find(version, at + 1))
    if (!body.substr(at + version.size()).substr(0, 3).ends_with(" 2")) return true;
  return false;
}

std::optional<std::vector<InnerReply>> decode_batch(std::string_view content_type, std::string_view body) {
  auto const outer = parts_of(body, boundary_of(content_type));
  if (!outer || outer->size() != 1) return std::nullopt;
  auto changes = outer->front();
  auto const headers = take_headers(changes);
  std::vector<InnerReply> replies;
  auto const type = headers.find("Content-Type");
  auto const parts = parts_of(changes, type ? boundary_of(*type) : std::string());
  if (!parts || parts->empty()) return std::nullopt;
  for (auto const& part : *parts) {
    auto reply = inner_reply(part);
    if (!reply) return std::nullopt;
    replies.push_back(std::move(*reply));
  }
  return replies;
}

}  // namespace storage::azure
