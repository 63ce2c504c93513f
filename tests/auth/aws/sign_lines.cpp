// Signs requests, one JSON object a line on stdin, and prints their Authorization headers: for
// cross_check.py.
#include <iostream>
#include <nlohmann/json.hpp>

#include "auth/aws/sigv4.hpp"
#include "fakes/clock.hpp"
#include "fakes/run.hpp"

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    auto const json = nlohmann::json::parse(line);
    auto const text = [&json](char const* key) { return json.at(key).get<std::string>(); };

    std::map<std::string, std::string, std::less<>> variables;
    variables["AWS_ACCESS_KEY_ID"] = text("key_id");
    variables["AWS_SECRET_ACCESS_KEY"] = text("secret");
    variables["AWS_SESSION_TOKEN"] = text("token");
    base::Environment const environment(variables);
    auth::aws::EnvironmentSource source(environment);
    fakes::Clock clock;
    clock.set_system(base::System(std::chrono::seconds(json.at("epoch").get<std::int64_t>())));
    auth::aws::SigV4 signer(source, text("region"), text("service"), clock);

    http::Request request;
    request.method = text("method");
    request.origin.scheme = text("scheme");
    request.origin.host = text("host");
    request.origin.port = json.at("port").get<std::uint16_t>();
    request.target = text("target");
    request.body = text("body");
    for (auto const& [name, value] : json.at("headers").items())
      request.headers.set(name, value.get<std::string>());

    auto const done = fakes::run(signer.sign(request));
    std::cout << (done ? *request.headers.find("Authorization") : describe(done.error())) << '\n';
  }
  return 0;
}
