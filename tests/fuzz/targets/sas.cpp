// A shared access signature: its parameters, its end, and a request with it.
#include "auth/azure/sas.hpp"

#include "base/encoding.hpp"
#include "fuzz/must.hpp"
#include "fuzz/targets.hpp"

using namespace auth::azure;

void fuzz::sas(std::string_view input) {
  auto const expiry = sas_parameter(input, "se");
  if (sas_expiry(input)) must(expiry.has_value(), "what ends says when");
  auto const made = "sv=2025-11-05&name=" + base::percent_encode(input) + "&sig=x";
  must(sas_parameter(made, "name") == input, "a parameter comes back as it was");
  std::string bare = "/queue";
  append_sas(bare, input);
  must(bare.starts_with("/queue?"), "a SAS is the query of what has none");
  std::string asking = "/queue?a=b";
  append_sas(asking, input);
  must(asking.starts_with("/queue?a=b&"), "a SAS follows a query");
}
