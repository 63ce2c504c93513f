#include "app/tracing/spans.hpp"

#include <algorithm>
#include <iterator>

namespace app::tracing {

void Spans::push(Span span) {
  bool many = false;
  {
    std::scoped_lock const lock(mutex_);
    if (waiting_.size() >= most_) {
      ++dropped_;
      return;
    }
    waiting_.push_back(std::move(span));
    many = waiting_.size() == threshold_;
  }
  if (many) many_();
}

std::vector<Span> Spans::take(std::size_t at_most) {
  std::scoped_lock const lock(mutex_);
  auto const end = waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(at_most, waiting_.size()));
  std::vector<Span> taken(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
  waiting_.erase(waiting_.begin(), end);
  return taken;
}

std::size_t Spans::size() const {
  std::scoped_lock const lock(mutex_);
  return waiting_.size();
}

void Spans::notify_at(std::size_t count, std::function<void()> many) {
  threshold_ = count;
  many_ = std::move(many);
}

}  // namespace app::tracing
