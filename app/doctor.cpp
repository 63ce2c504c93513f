#include "app/doctor.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "app/summary.hpp"

namespace app {

using storage::Finding;
using storage::Verdict;

namespace {

boost::asio::awaitable<void> examine_all(std::vector<Patient>& patients, std::vector<Examined>& all) {
  for (auto& patient : patients) {
    Examined examined;
    examined.what = patient.what;
    examined.uri = patient.uri;
    std::string redrives_to;
    for (auto const& other : all)
      if (!other.found.redrives_to.empty()) redrives_to = other.found.redrives_to;
    if (patient.for_dead_letters && !redrives_to.empty()) {
      Finding finding;
      finding.step = "redrive";
      finding.verdict = Verdict::ok;
      finding.detail = "the queue's own redrive policy moves poison messages to " + redrives_to +
                       "; --dead-letter is not used";
      examined.found.findings.push_back(std::move(finding));
      examined.uri = redrives_to.substr(0, redrives_to.find(' '));
    } else {
      examined.found = co_await patient.examination->run();
      for (auto const& other : all) {
        if (other.found.address != examined.found.address) continue;
        Finding finding;
        finding.step = "address";
        finding.verdict = Verdict::failed;
        finding.detail = "is the " + other.what + " itself" +
                         (patient.for_dead_letters ? ": dead letters would go round for ever" : "");
        finding.remedy = "name another";
        examined.found.findings.push_back(std::move(finding));
      }
    }
    all.push_back(std::move(examined));
  }
}

bool is_bad(Finding const& finding) {
  return finding.verdict == Verdict::missing || finding.verdict == Verdict::failed;
}

std::string padded(std::string_view text, std::size_t width) {
  return std::string(text) + std::string(width > text.size() ? width - text.size() : 1, ' ');
}

constexpr std::size_t step_width = 12;
constexpr std::size_t verdict_width = 10;

std::string line(Finding const& finding) {
  std::string text = "  " + padded(finding.step, step_width) +
                     padded(to_string(finding.verdict), verdict_width) + finding.detail + '\n';
  if (!finding.remedy.empty())
    text += "  " + padded("", step_width) +
            padded(finding.verdict == Verdict::missing ? "grant it:" : "next:", verdict_width) +
            finding.remedy + '\n';
  return text;
}

}  // namespace

std::vector<Examined> examine(Loops& loops, std::vector<Patient>& patients) {
  std::vector<Examined> all;
  run_all(loops, [&](Loop&, std::size_t) { return examine_all(patients, all); });
  return all;
}

bool healthy(std::vector<Examined> const& examined) {
  return std::none_of(examined.begin(), examined.end(), [](Examined const& one) {
    return std::any_of(one.found.findings.begin(), one.found.findings.end(), is_bad);
  });
}

std::string findings_text(std::vector<Examined> const& examined) {
  std::string text;
  std::string warnings;
  std::set<std::string> said;
  std::size_t bad = 0;
  std::size_t untested = 0;
  for (auto const& one : examined) {
    text += one.what + "  " + one.uri + '\n';
    for (auto const& finding : one.found.findings) {
      if (is_bad(finding)) ++bad;
      if (finding.verdict == Verdict::untested) ++untested;
      auto const row = line(finding);
      bool const again = !said.insert(row).second;
      bool const common = finding.step == "credential" || finding.step == "token" ||
                          finding.step == "connection" || finding.step == "clock" || finding.step == "file" ||
                          finding.step == "space" || finding.step == "journal";
      if (again && common && finding.verdict == Verdict::ok) continue;
      text += row;
    }
    for (auto const& warning : one.found.warnings)
      if (auto const sentence = "warning: " + one.what + ": " + warning + '\n'; said.insert(sentence).second)
        warnings += sentence;
  }
  text += warnings;
  if (bad > 0)
    text += std::to_string(bad) + (bad == 1 ? " step needs" : " steps need") + " mending: see above\n";
  else
    text += "nothing needs mending" +
            (untested > 0 ? "; " + std::to_string(untested) + " untested\n" : std::string("\n"));
  return text;
}

std::string findings_json(std::vector<Examined> const& examined) {
  nlohmann::ordered_json json;
  json["ok"] = healthy(examined);
  json["checks"] = nlohmann::ordered_json::array();
  json["warnings"] = nlohmann::ordered_json::array();
  for (auto const& one : examined) {
    for (auto const& finding : one.found.findings) {
      nlohmann::ordered_json check;
      check["target"] = one.what;
      check["uri"] = one.uri;
      check["step"] = finding.step;
      check["verdict"] = to_string(finding.verdict);
      check["detail"] = finding.detail;
      check["remedy"] = finding.remedy;
      json["checks"].push_back(std::move(check));
    }
    for (auto const& warning : one.found.warnings) {
      nlohmann::ordered_json entry;
      entry["target"] = one.what;
      entry["uri"] = one.uri;
      entry["warning"] = warning;
      json["warnings"].push_back(std::move(entry));
    }
  }
  // A service's words may be no UTF-8.
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

int report(Loops& loops, std::vector<Patient>& patients, Common const& common) {
  auto const examined = examine(loops, patients);
  bool const printed =
      print(common.output == Output::json ? findings_json(examined) : findings_text(examined));
  return healthy(examined) && printed ? exit_done : exit_partly;
}

std::string doctor_footer(std::string const& program) {
  return "Each step is one of\n"
         "  ok        seen to work\n"
         "  missing   the permission is not granted; the line below names the role, or the policy, that "
         "grants it\n"
         "  untested  can't be tried without harm, or what it needs has failed\n"
         "  failed    does not work for another reason; the line below says what to do next\n"
         "It is harmless on a live queue: no message is received, and none that is put can be seen. --probe "
         "goes "
         "further, with\n"
         "one real message and row; on SQS a consumer will receive that message.\n"
         "Examples:\n"
         "  " +
         program +
         " doctor                              examine what the environment names\n"
         "  " +
         program +
         " doctor --queue azure://myaccount/messages --table azure://myaccount/results --output json\n"
         "Exit code: 0 nothing needs mending, 1 something is missing or failed, 2 usage or configuration.\n";
}

}  // namespace app
