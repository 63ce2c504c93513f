#pragma once

#include "producer/load/marked.hpp"
#include "producer/load/template.hpp"

namespace producer {

// From the text of a template to its pieces. Throws a Complaint.
class Template::Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}
  void read(std::vector<Piece>& pieces);

 private:
  [[noreturn]] void fail(std::string message) const { throw Complaint{at_, std::move(message)}; }
  bool take(std::string_view word);
  void literal(std::vector<Piece>& pieces, std::string_view text);
  Piece placeholder();
  Piece moment();
  Piece random();
  Piece number(Kind kind);
  Piece counted(Kind kind, char const* meaning);
  Piece choice();
  std::int64_t bound(std::size_t& decimals, bool fraction);

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace producer
