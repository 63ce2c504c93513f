// The record of a run.
#include "fuzz/must.hpp"
#include "fuzz/targets.hpp"
#include "producer/manifest.hpp"

void fuzz::manifests(std::string_view input) {
  auto const manifest = producer::Manifest::parse(input);
  if (!manifest) return must_be_told(manifest.error());
  must(manifest->acknowledged.last() <= manifest->last && manifest->failed.last() <= manifest->last,
       "nothing lies after the last");
  must(manifest->acknowledged.size() + manifest->failed.size() <= manifest->last, "no number counts twice");
  auto const again = producer::Manifest::parse(manifest->to_json());
  must(again.has_value(), "a manifest can be written and read again");
  must(again->run == manifest->run && again->queue == manifest->queue && again->last == manifest->last &&
           again->complete == manifest->complete &&
           again->acknowledged.ranges() == manifest->acknowledged.ranges() &&
           again->failed.ranges() == manifest->failed.ranges(),
       "a manifest comes back as it was");
}
