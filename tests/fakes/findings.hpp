#pragma once

#include <algorithm>
#include <string>

#include "storage/core/examination.hpp"

namespace fakes {

// The row of a step; one that says "no such row" where there is none.
inline storage::Finding row(storage::Examined const& examined, std::string const& step) {
  auto const& findings = examined.findings;
  auto const found = std::find_if(findings.begin(), findings.end(),
                                  [&step](storage::Finding const& finding) { return finding.step == step; });
  if (found != findings.end()) return *found;
  storage::Finding none;
  none.detail = none.remedy = "no such row";
  return none;
}

// All rows as "step verdict", joined by spaces.
inline std::string verdicts(storage::Examined const& examined) {
  std::string text;
  for (auto const& finding : examined.findings)
    text += (text.empty() ? "" : ", ") + finding.step + ' ' + std::string(to_string(finding.verdict));
  return text;
}

}  // namespace fakes
