#include "base/time.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace base {

namespace {

using namespace std::chrono;

constexpr std::array<char const*, 7> weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<char const*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct Civil {
  int year;
  unsigned month, day, weekday;
  int hour, minute, second, micro;
};

Civil civil(System when) {
  auto const micros = floor<microseconds>(when);
  auto const midnight = floor<days>(micros);
  year_month_day const date(midnight);
  hh_mm_ss const time(micros - midnight);
  return {static_cast<int>(date.year()),
          static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day()),
          weekday(midnight).c_encoding(),
          static_cast<int>(time.hours().count()),
          static_cast<int>(time.minutes().count()),
          static_cast<int>(time.seconds().count()),
          static_cast<int>(time.subseconds().count())};
}

// Puts a moment together: each message has three or four of them, and printf reads its pattern anew each
// time.
class Text {
 public:
  Text& operator<<(std::string_view text) {
    text_ += text;
    return *this;
  }
  Text& padded(std::size_t width, auto number) {
    std::array<char, 16> digits{};
    auto const end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    auto const size = static_cast<std::size_t>(end - digits.data());
    text_.append(width > size ? width - size : 0, '0').append(digits.data(), size);
    return *this;
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

void time(Text& text, Civil const& c, std::string_view between) {
  text.padded(2, c.hour) << between;
  text.padded(2, c.minute) << between;
  text.padded(2, c.second);
}

// Date and time of day, with what stands between their numbers and between the two.
Text moment(Civil const& c, std::string_view in_date, std::string_view middle, std::string_view in_time) {
  Text text;
  text.padded(4, c.year) << in_date;
  text.padded(2, c.month) << in_date;
  text.padded(2, c.day) << middle;
  time(text, c, in_time);
  return text;
}

// Reads fixed-width fields off the front of a text; after one mismatch everything that follows fails.
class Fields {
 public:
  explicit Fields(std::string_view text) : text_(text) {}
  int number(std::size_t width) {
    int value = 0;
    auto const read = std::min(width, text_.size());
    for (std::size_t i = 0; i < read; ++i) {
      if (text_[i] < '0' || text_[i] > '9') ok_ = false;
      value = value * 10 + (text_[i] - '0');
    }
    if (read < width) ok_ = false;
    text_.remove_prefix(read);
    return ok_ ? value : 0;
  }
  void literal(std::string_view expected) {
    if (!text_.starts_with(expected)) ok_ = false;
    text_.remove_prefix(std::min(expected.size(), text_.size()));
  }
  template <class Names>
  unsigned name(Names const& names) {
    for (unsigned i = 0; i < names.size(); ++i) {
      if (!text_.starts_with(names[i])) continue;
      text_.remove_prefix(3);
      return i;
    }
    ok_ = false;
    return 0;
  }
  // Up to nine digits after a point, in microseconds.
  int fraction() {
    int micros = 0;
    int scale = 100000;
    std::size_t digits = 0;
    for (; digits < text_.size() && digits < 9 && text_[digits] >= '0' && text_[digits] <= '9'; ++digits) {
      micros += (text_[digits] - '0') * scale;
      scale /= 10;
    }
    if (digits == 0) ok_ = false;
    text_.remove_prefix(digits);
    return micros;
  }
  std::string_view rest() const { return text_; }
  bool ok() const { return ok_; }

 private:
  std::string_view text_;
  bool ok_ = true;
};

std::optional<System> moment(int year_, unsigned month_, unsigned day_, int hour, int minute, int second,
                             int micro) {
  year_month_day const date{year(year_), month(month_), day(day_)};
  // Beyond what 64 bits of nanoseconds hold. Azure writes the year 9999 for "never".
  if (year_ < 1678 || year_ > 2261) return std::nullopt;
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return sys_days(date) + hours(hour) + minutes(minute) + seconds(second) + microseconds(micro);
}

}  // namespace

std::string http_date(System when) {
  Civil const c = civil(when);
  Text text;
  text << weekdays[c.weekday] << ", ";
  text.padded(2, c.day) << " " << months[c.month - 1] << " ";
  text.padded(4, c.year) << " ";
  time(text, c, ":");
  text << " GMT";
  return text.take();
}

std::optional<System> parse_http_date(std::string_view text) {
  Fields fields(text);
  fields.name(weekdays);
  fields.literal(", ");
  int const day = fields.number(2);
  fields.literal(" ");
  unsigned const month = fields.name(months) + 1;
  fields.literal(" ");
  int const year = fields.number(4);
  fields.literal(" ");
  int const hour = fields.number(2);
  fields.literal(":");
  int const minute = fields.number(2);
  fields.literal(":");
  int const second = fields.number(2);
  fields.literal(" GMT");
  if (!fields.ok() || !fields.rest().empty()) return std::nullopt;
  return moment(year, month, static_cast<unsigned>(day), hour, minute, second, 0);
}

std::string stamp(System when) {
  Civil const c = civil(when);
  auto text = moment(c, "-", " ", ":");
  text << ".";
  return text.padded(6, c.micro).take();
}

std::optional<System> parse_stamp(std::string_view text) {
  Fields fields(text);
  int const year = fields.number(4);
  fields.literal("-");
  int const month = fields.number(2);
  fields.literal("-");
  int const day = fields.number(2);
  fields.literal(" ");
  int const hour = fields.number(2);
  fields.literal(":");
  int const minute = fields.number(2);
  fields.literal(":");
  int const second = fields.number(2);
  int micro = 0;
  if (!fields.rest().empty()) {
    fields.literal(".");
    micro = fields.fraction();
  }
  if (!fields.ok() || !fields.rest().empty()) return std::nullopt;
  return moment(year, static_cast<unsigned>(month), static_cast<unsigned>(day), hour, minute, second, micro);
}

std::string iso8601_basic(System when) {
  auto text = moment(civil(when), "", "T", "");
  return (text << "Z").take();
}

std::string iso8601(System when) {
  auto text = moment(civil(when), "-", "T", ":");
  return (text << "Z").take();
}

std::optional<System> parse_iso8601(std::string_view text) {
  Fields fields(text);
  int const year = fields.number(4);
  fields.literal("-");
  int const month = fields.number(2);
  fields.literal("-");
  int const day = fields.number(2);
  fields.literal("T");
  int const hour = fields.number(2);
  fields.literal(":");
  int const minute = fields.number(2);
  fields.literal(":");
  int const second = fields.number(2);
  int micro = 0;
  if (fields.rest().starts_with('.')) {
    fields.literal(".");
    micro = fields.fraction();
  }
  minutes offset{0};
  if (fields.rest().starts_with('+') || fields.rest().starts_with('-')) {
    int const sign = fields.rest().front() == '+' ? 1 : -1;
    fields.literal(fields.rest().substr(0, 1));
    int const offset_hours = fields.number(2);
    fields.literal(":");
    int const offset_minutes = fields.number(2);
    offset = sign * (hours(offset_hours) + minutes(offset_minutes));
  } else {
    fields.literal("Z");
  }
  if (!fields.ok() || !fields.rest().empty()) return std::nullopt;
  auto const local =
      moment(year, static_cast<unsigned>(month), static_cast<unsigned>(day), hour, minute, second, micro);
  if (!local) return std::nullopt;
  return *local - offset;
}

}  // namespace base
