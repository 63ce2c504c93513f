#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "producer/load/filler.hpp"
#include "producer/load/groups.hpp"
#include "producer/load/lines.hpp"
#include "producer/load/poison.hpp"
#include "producer/load/sizes.hpp"
#include "producer/load/template.hpp"
#include "storage/core/encoded.hpp"

namespace producer {

// What the messages of a run are to be like.
struct Payload {
  Sizes size;
  std::shared_ptr<Template const> text;  // at most one of these two, and neither with a size
  std::shared_ptr<Lines const> lines;
  double compressible = Filler::least_ratio;
  bool grouped = false;  // each body names its group
  std::uint64_t groups = 16;
  Skew skew;
  std::string group_name = "group";  // "group-0", "group-1", …
  Poison poison;
};

// `--size` on the wire to the size of the JSON text.
std::size_t json_size(std::size_t wire_size, storage::Encoding encoding);

// Makes the bodies of a run's messages. Safe to use from several threads.
class Bodies {
 public:
  // No body is filled up beyond `most` bytes of JSON.
  Bodies(std::string run, Payload payload, storage::Encoding encoding, std::size_t most);

  // The body of message `seq`, made now. The same run and number give the same, but for what the moment
  // makes. `traceparent`, where there is one, stands in it if that leaves the size as it was asked for.
  std::string make(std::uint64_t seq, base::System now, std::string_view traceparent = {}) const;
  // "group-3".
  std::string group(std::uint64_t seq) const;

  // Bytes of JSON that no body up to `seq` exceeds, however it is filled up.
  std::size_t longest(std::uint64_t seq) const;

 private:
  std::string run_;
  std::uint64_t chance_;
  Payload payload_;
  storage::Encoding encoding_;
  std::size_t most_;
  Groups groups_;
  Filler filler_;
};

}  // namespace producer
