// What a message says, its wire encodings, the row it becomes, and what an audit makes of that.
#include <nlohmann/json.hpp>

#include "app/body.hpp"
#include "app/row.hpp"
#include "base/encoding.hpp"
#include "fuzz/must.hpp"
#include "fuzz/targets.hpp"
#include "producer/audit.hpp"
#include "storage/azure/table_wire.hpp"
#include "storage/core/encoded.hpp"

namespace {

void wire_forms(std::string const& text) {
  using storage::Encoding;
  auto const back = storage::decode_body(Encoding::base64, storage::encode_body(Encoding::base64, text));
  fuzz::must(back && *back == text, "base64 brings any text back");
  auto const automatic = storage::decode_body(Encoding::automatic, text);
  fuzz::must(automatic.has_value(), "automatic decoding refuses nothing");
  if (nlohmann::json::accept(text)) fuzz::must(*automatic == text, "JSON is taken as it stands");
  if (*automatic != text) fuzz::must(nlohmann::json::accept(*automatic), "only JSON is taken out of base64");
  auto const asked = storage::decode_body(Encoding::base64, text);
  if (!asked) fuzz::must_be_told(asked.error());
}

void becomes_a_row(app::Body const& body) {
  storage::Message message;
  message.id = "id";
  base::System const now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22);
  auto const row = app::make_row(body, message, {"dateStamp", "consumer", now});
  // A body over the limits is too large; its key always fits.
  auto const json = storage::azure::encode_entity(row);
  fuzz::must(json || json.error().code == base::Errc::too_large, "a message has a row in any table");

  producer::Manifest manifest;
  manifest.run = body.run.empty() ? "run" : body.run;
  manifest.last = body.seq % 100'000;
  if (manifest.last > 0) manifest.acknowledged.insert(1, manifest.last);
  producer::Audit audit(manifest);
  audit.take(row);
  audit.take(row);
  auto const findings = audit.finish();
  fuzz::must(findings.found + findings.missing == findings.expected, "every message is found or missing");
  fuzz::must(findings.duplicated == 0, "the same row twice is one");
  if (!body.run.empty() && body.seq < 100'000) {
    fuzz::must(findings.found == 1 && findings.unexpected == 0, "a run's row is found under its key");
    bool const sound = body.hash == app::payload_hash(body.msg, body.payload);
    fuzz::must(sound == (findings.corrupt == 0), "what was changed is corrupt, and nothing else");
  }
}

}  // namespace

void fuzz::message_body(std::string_view input) {
  auto const said = app::salvage(input);
  must(said.run.empty() == (said.seq == 0) && (said.run.empty() || app::is_run_id(said.run)),
       "what broke off says whose it was by the rules, or nothing");
  std::string const text(input);
  wire_forms(text);
  auto const body = app::decode(input);
  if (!body) return must_be_told(body.error());
  must(body->run.empty() == (body->seq == 0), "run and seq stand together");
  must(body->run.empty() || app::is_run_id(body->run), "a run is named by the rules");
  must(body->seq <= app::max_seq, "a sequence number fits its key");
  must(base::is_utf8(body->msg) && base::is_utf8(body->payload), "a body is UTF-8");
  auto const again = app::decode(app::encode(*body));
  must(again.has_value(), "a body can be written and read again");
  must(again->msg == body->msg && again->src_stamp == body->src_stamp && again->run == body->run &&
           again->seq == body->seq && again->hash == body->hash && again->payload == body->payload &&
           again->group == body->group,
       "a body comes back as it was");
  if (body->msg.size() + body->payload.size() < 1 << 17) becomes_a_row(*body);
}
