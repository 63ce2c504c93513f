#include "producer/manifest.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "app/body.hpp"

namespace producer {

using app::SeqSet;
using base::Errc;
using base::Error;
using base::Result;

namespace {

using Ranges = std::vector<std::pair<SeqSet::Seq, SeqSet::Seq>>;

nlohmann::ordered_json strides_json(std::vector<Stride> const& strides) {
  auto json = nlohmann::ordered_json::array();
  for (auto const& stride : strides) {
    json.push_back({stride.first, stride.last});
    if (stride.step > 1) json.back().push_back(stride.step);
  }
  return json;
}

nlohmann::ordered_json ranges_json(Share const& share, Ranges const& ranges) {
  std::vector<Stride> strides;
  for (auto const& [first, last] : ranges)
    strides.push_back({share.seq(first), share.seq(last), first < last ? share.instances : 1});
  return strides_json(strides);
}

bool read_strides(nlohmann::json const& json, std::vector<Stride>& strides) {
  if (!json.is_array()) return false;
  for (auto const& range : json) {
    if (!range.is_array() || range.size() < 2 || range.size() > 3) return false;
    for (auto const& number : range)
      if (!number.is_number_unsigned()) return false;
    Stride stride{range[0].get<SeqSet::Seq>(), range[1].get<SeqSet::Seq>(), 1};
    if (range.size() == 3) stride.step = range[2].get<SeqSet::Seq>();
    if (!stride.sound(app::max_seq)) return false;
    strides.push_back(stride);
  }
  return true;
}

bool read_ranges(nlohmann::json const& json, Share const& share, SeqSet& set) {
  std::vector<Stride> strides;
  if (!read_strides(json, strides)) return false;
  for (auto const& stride : strides) {
    bool const one = stride.first == stride.last;
    if (!share.owns(stride.first) || (!one && stride.step != share.instances)) return false;
    set.insert(share.number(stride.first), share.number(stride.last));
  }
  return true;
}

// The only instance where it does not say.
bool read_share(nlohmann::json const& json, Share& share) {
  auto const instances = json.find("instances");
  auto const instance = json.find("instance");
  if (instances == json.end() && instance == json.end()) return true;
  if (instances == json.end() || instance == json.end() || !instances->is_number_unsigned() ||
      !instance->is_number_unsigned())
    return false;
  share = {instances->get<std::uint64_t>(), instance->get<std::uint64_t>()};
  return share.instances > 0 && share.instances <= most_instances && share.remainder < share.instances;
}

Error io_error(std::string const& path, char const* what) {
  return Error(Errc::transient,
               std::string("cannot ") + what + " the manifest " + path + ": " + std::strerror(errno));
}

// A file descriptor that closes itself.
class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  File(File const&) = delete;
  File& operator=(File const&) = delete;
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

}  // namespace

std::string Manifest::to_json() const {
  SeqSet known = acknowledged;
  for (auto const& [first, to] : failed.ranges()) known.insert(first, to);
  nlohmann::ordered_json json;
  json["version"] = 1;
  json["run"] = run;
  json["queue"] = queue;
  json["complete"] = complete;
  if (share.instances > 1) {
    json["instances"] = share.instances;
    json["instance"] = share.remainder;
  }
  json["last"] = share.seq(last);
  json["acknowledged"] = ranges_json(share, acknowledged.ranges());
  json["failed"] = ranges_json(share, failed.ranges());
  json["unknown"] = ranges_json(share, known.gaps(1, last));
  if (!poison.empty()) json["poison"] = strides_json(poison);
  return json.dump() + '\n';
}

Result<Manifest> Manifest::parse(std::string_view text) {
  auto const json = nlohmann::json::parse(text, nullptr, false);
  Manifest manifest;
  if (!json.is_object() || !json.contains("run") || !json["run"].is_string() || !json.contains("last") ||
      !json["last"].is_number_unsigned() || !json.contains("acknowledged") || !json.contains("failed") ||
      !read_share(json, manifest.share) ||
      !read_ranges(json["acknowledged"], manifest.share, manifest.acknowledged) ||
      !read_ranges(json["failed"], manifest.share, manifest.failed) ||
      (json.contains("poison") && !read_strides(json["poison"], manifest.poison)))
    return Error(Errc::invalid, "is not a manifest that producer wrote");
  manifest.run = json["run"].get<std::string>();
  auto const last = json["last"].get<SeqSet::Seq>();
  manifest.last = last <= app::max_seq ? manifest.share.number(last) : last;
  // Looked at and not copied: a copy of deeply nested rubbish recurses.
  auto const complete = json.find("complete");
  manifest.complete = complete != json.end() && complete->is_boolean() && complete->get<bool>();
  if (json.contains("queue") && json["queue"].is_string()) manifest.queue = json["queue"].get<std::string>();
  SeqSet both = manifest.acknowledged;
  for (auto const& [first, to] : manifest.failed.ranges()) both.insert(first, to);
  if (both.size() != manifest.acknowledged.size() + manifest.failed.size() || both.last() > manifest.last ||
      last > app::max_seq || (last > 0 && !manifest.share.owns(last)))
    return Error(Errc::invalid,
                 "contradicts itself: a message is both acknowledged and failed, or lies after the last, or "
                 "the last is out of range");
  return manifest;
}

Result<Manifest> Manifest::load(std::string const& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return Error(errno == ENOENT ? Errc::absent : Errc::invalid,
                 "cannot read " + path + ": " + std::strerror(errno));
  std::ostringstream text;
  text << file.rdbuf();
  auto manifest = parse(text.str());
  if (!manifest) return Error(Errc::invalid, path + ' ' + manifest.error().message);
  return manifest;
}

Result<void> store(Manifest const& manifest, std::string const& path) {
  std::string const text = manifest.to_json();
  std::string const beside = path + ".new";
  {
    File const file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (file.get() < 0) return io_error(beside, "open");
    std::string_view rest = text;
    while (!rest.empty()) {
      auto const written = ::write(file.get(), rest.data(), rest.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return io_error(beside, "write");
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fsync(file.get()) != 0) return io_error(beside, "sync");
  }
  if (::rename(beside.c_str(), path.c_str()) != 0) return io_error(path, "replace");
  auto folder = std::filesystem::path(path).parent_path();
  if (folder.empty()) folder = ".";
  File const directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0 || ::fsync(directory.get()) != 0) return io_error(path, "sync the folder of");
  return {};
}

}  // namespace producer
