#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/response.hpp"

namespace http {

// Reads the answer to one request out of a connection's bytes, however they were cut (RFC 9112). Interim
// answers are skipped, trailers dropped. Refuses what two readers could frame in two ways.
class Reply {
 public:
  enum class State {
    head,      // waiting for the end of the header section
    body,      // reading the body
    whole,     // all is there
    broken,    // makes no sense: fault() says why
    too_large  // its body is larger than the request allowed
  };
  // Bytes of all that is not body: heads, chunk sizes and trailers together.
  static constexpr std::size_t max_head = std::size_t{256} << 10;

  // The answer to a HEAD request has no body, whatever its header fields say. `max_body` is in bytes.
  Reply(bool to_head, std::size_t max_body) : max_body_(max_body), to_head_(to_head) {}

  // Returns how many of the bytes belong to the answer: fewer than all only where it's over.
  std::size_t take(std::string_view bytes);
  // The other side ended the connection, in good order: that may be what ends the body.
  void end();

  State state() const { return state_; }
  bool over() const { return state_ > State::body; }
  bool begun() const { return begun_; }                                // a byte came
  bool lasting() const { return lasting_ && state_ == State::whole; }  // the connection may serve again
  char const* fault() const { return fault_; }
  Response& response() { return response_; }

 private:
  enum class Framing { length, until_end, chunk_size, chunk, chunk_end, trailers };

  void take_head(std::string_view& bytes);
  void take_body(std::string_view& bytes);
  void take_line(std::string_view& bytes);
  void read_head(std::string_view head);
  bool read_status(std::string_view line);
  bool read_field(std::string_view line);
  bool read_length(std::string_view value);
  void read_connection(std::string_view value);
  void read_chunk_size(std::string_view line);
  void frame();
  bool spend(std::size_t bytes);
  void append(std::string_view bytes);
  void fail(char const* why);

  Response response_;
  std::string pending_;  // the part of a head or line that came so far
  std::size_t max_body_;
  std::size_t spent_ = 0;   // of max_head
  std::uint64_t left_ = 0;  // bytes of the body, or of its chunk, still to come
  std::uint64_t length_ = 0;
  char const* fault_ = "";
  State state_ = State::head;
  Framing framing_ = Framing::length;
  bool to_head_;
  bool begun_ = false;
  bool lasting_ = false;
  bool has_length_ = false;
  bool chunked_ = false;
  bool old_ = false;  // HTTP/1.0
};

}  // namespace http
