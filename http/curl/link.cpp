#include "http/curl/link.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace http::curl {

Link::~Link() {
  if (ours_) ::close(socket_);
}

CURLcode Link::send(std::string_view bytes, std::size_t& sent) {
  ssize_t done = 0;
  do done = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  while (done < 0 && errno == EINTR);
  if (done < 0) return failed(CURLE_SEND_ERROR);
  sent = static_cast<std::size_t>(done);
  return CURLE_OK;
}

CURLcode Link::receive(std::span<char> into, std::size_t& received) {
  if (drained_) return CURLE_AGAIN;
  ssize_t done = 0;
  do done = ::recv(socket_, into.data(), into.size(), 0);
  while (done < 0 && errno == EINTR);
  if (done < 0) return failed(CURLE_RECV_ERROR);
  received = static_cast<std::size_t>(done);
  // A socket gives all it has, and what comes later is a new event.
  drained_ = received < into.size() && !ending_;
  return CURLE_OK;
}

CURLcode Link::failed(CURLcode code) {
  if (errno == EAGAIN || errno == EWOULDBLOCK) return CURLE_AGAIN;
  detail_ = std::strerror(errno);
  return code;
}

}  // namespace http::curl
