#include "app/endpoint/session.hpp"

#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

namespace app {

namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

// Why a request that can't be read is refused, and with which answer; nothing: it simply ended.
struct Complaint {
  Refusal why;
  unsigned status;
  char const* text;
};

std::optional<Complaint> complaint_about(boost::system::error_code error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow)
    return Complaint{Refusal::too_large, 431, "the request's header is too large\n"};
  if (error == http::error::body_limit || error == http::error::unexpected_body)
    return Complaint{Refusal::too_large, 413, "a request here has no body\n"};
  if (error == beast::error::timeout) return Complaint{Refusal::timeout, 0, ""};
  if (error.category() == http::make_error_code(http::error::bad_method).category() &&
      error != http::error::end_of_stream && error != http::error::partial_message)
    return Complaint{Refusal::malformed, 400, "this is not HTTP\n"};
  return std::nullopt;
}

template <class Head>
void fill(Head& head, Answer const& answer, bool keep, unsigned version) {
  head.version(version);
  head.result(answer.status);
  head.set(http::field::content_type, answer.type);
  head.set(http::field::cache_control, "no-store");
  head.set("X-Content-Type-Options", "nosniff");
  head.set("Content-Security-Policy",
           "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
  if (answer.status == 405) head.set(http::field::allow, "GET, HEAD");
  head.keep_alive(keep);
}

}  // namespace

Session::Session(boost::asio::ip::tcp::socket socket, std::shared_ptr<House> house)
    : house_(std::move(house)), stream_(std::move(socket)), buffer_(2 * house_->limits().header) {}

Session::~Session() {
  if (entered_) house_->leave(place_);
}

void Session::start() {
  place_ = house_->enter(shared_from_this());
  entered_ = true;
  silent_since_ = House::Clock::now();
  next(true);
}

void Session::send_away() {
  boost::system::error_code ignored;  // it goes, however that is taken
  stream_.socket().close(ignored);
}

void Session::next(bool first) {
  house_->in_turn([self = shared_from_this(), first] { self->read(first); });
}

void Session::read(bool first) {
  if (!stream_.socket().is_open()) return;
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(house_->limits().header));
  parser_->body_limit(0);
  stream_.expires_after(first ? house_->limits().request : house_->limits().idle);
  http::async_read(stream_, buffer_, *parser_,
                   [self = shared_from_this()](auto error, std::size_t) { self->got(error); });
}

void Session::got(boost::system::error_code error) {
  silent_since_ = House::Clock::now();
  house_->heard_of(place_);
  if (error) {
    auto const complaint = complaint_about(error);
    if (!complaint || error == boost::asio::error::operation_aborted) return close();
    bool const begun = buffer_.size() > 0 || parser_->got_some();
    if (complaint->why != Refusal::timeout || begun) house_->refuse(complaint->why);
    if (complaint->status == 0) return close();
    Answer answer;
    answer.status = complaint->status;
    answer.body = complaint->text;
    refused_ = true;
    return write(std::move(answer), false, false, 11);
  }
  auto const& request = parser_->get();
  bool const head = request.method() == http::verb::head;
  bool const keep = request.keep_alive();
  if (!head && request.method() != http::verb::get) {
    Answer answer;
    answer.status = 405;
    answer.body = "only GET and HEAD are answered here\n";
    refused_ = true;
    return write(std::move(answer), false, false, request.version());
  }
  std::string_view const target(request.target().data(), request.target().size());
  write(house_->work().answer(target.substr(0, target.find('?'))), keep, head, request.version());
}

void Session::write(Answer answer, bool keep, bool head, unsigned version) {
  keep_ = keep;
  stream_.expires_after(house_->limits().answer);
  auto const done = [self = shared_from_this()](boost::system::error_code error, std::size_t) {
    self->wrote(error);
  };
  if (head) {
    head_ = {};
    fill(head_, answer, keep, version);
    head_.content_length(answer.body.size());
    http::async_write(stream_, head_, done);
    return;
  }
  response_ = {};
  fill(response_, answer, keep, version);
  response_.body() = std::move(answer.body);
  response_.prepare_payload();
  http::async_write(stream_, response_, done);
}

void Session::wrote(boost::system::error_code error) {
  silent_since_ = House::Clock::now();
  house_->heard_of(place_);
  if (error == beast::error::timeout) house_->refuse(Refusal::timeout);
  if (error || !keep_) return close();
  next(false);
}

void Session::close() {
  boost::system::error_code ignored;  // the other side may have gone first
  stream_.socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
  if (refused_ && stream_.socket().is_open()) hear_out();
}

// What still comes of a refused request: a socket that is closed upon unread bytes would take back its
// answer.
void Session::hear_out() {
  buffer_.clear();
  stream_.expires_after(std::chrono::seconds(1));
  stream_.async_read_some(buffer_.prepare(house_->limits().header),
                          [self = shared_from_this()](boost::system::error_code error, std::size_t bytes) {
                            self->heard_ += bytes;
                            if (!error && self->heard_ < 16 * self->house_->limits().header) self->hear_out();
                          });
}

}  // namespace app
