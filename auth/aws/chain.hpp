#pragma once

#include <memory>
#include <string>

#include "auth/aws/context.hpp"
#include "auth/aws/credentials.hpp"

namespace auth::aws {

// The first of these that is configured: the keys of the environment, web identity, the shared profile, the
// container's endpoint, the role of the EC2 instance. One that is configured and fails is the answer: the
// chain does not go on to another identity than the one meant. What expires is cached. Reads the shared files
// and asks no network; get() does. Warns where a later one is configured too.
// get(): denied, with one sentence that lists what was tried, where nothing is configured and no EC2 answers.
std::unique_ptr<Source> make_chain(Context const& context);

// The same, with what stands before the chosen one in the chain and why it was passed over; for people.
struct Choice {
  std::unique_ptr<Source> source;
  std::string passed_over;
};
Choice choose_source(Context const& context);

}  // namespace auth::aws
