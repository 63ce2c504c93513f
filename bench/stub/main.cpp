// A stand-in for Azure Queue and Table storage, SQS and DynamoDB, in memory: see bench/README.md.
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>

#include "fakes/certificate.hpp"
#include "stub/server.hpp"

namespace {

struct Options {
  std::uint16_t port = 0;
  std::uint16_t tls_port = 0;
  std::string ca_file;
  std::string env_file;
  std::string scheme = "http";
  double latency_ms = 0;
  double throttle = 0;
  std::string stall;
};

// "AFTER:LENGTH", both in milliseconds.
void read_stall(std::string const& text, stub::Settings& settings) {
  auto const colon = text.find(':');
  if (text.empty()) return;
  settings.stall_after = std::chrono::milliseconds(std::stoul(text.substr(0, colon)));
  settings.stall =
      std::chrono::milliseconds(colon == std::string::npos ? 1000 : std::stoul(text.substr(colon + 1)));
}

// What makes our programs, and the vendors' SDKs, talk to us.
std::string variables(std::string const& url, std::string const& ca_file) {
  // The emulators' published account and key: no secret.
  std::string const key =
      "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
  std::string const account = "devstoreaccount1";
  std::string text;
  auto const line = [&text](std::string const& name, std::string const& value) {
    text += "export " + name + "='" + value + "'\n";
  };
  line("AZURE_STORAGE_CONNECTION_STRING", "DefaultEndpointsProtocol=" + url.substr(0, url.find(':')) +
                                              ";AccountName=" + account + ";AccountKey=" + key +
                                              ";QueueEndpoint=" + url + "/" + account +
                                              ";TableEndpoint=" + url + "/" + account + ";");
  line("AWS_ENDPOINT_URL", url);
  line("AWS_REGION", "us-east-1");
  line("AWS_DEFAULT_REGION", "us-east-1");  // boto3 reads no other
  line("AWS_ACCESS_KEY_ID", "stub");
  line("AWS_SECRET_ACCESS_KEY", "stub");
  for (auto const* name : {"EDW_CA_FILE", "AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"})
    line(name, ca_file);
  return text;
}

void write_file(std::string const& path, std::string const& text) {
  // Whoever waits for the file finds it whole.
  auto const draft = path + ".new";
  std::ofstream(draft) << text;
  if (std::rename(draft.c_str(), path.c_str()) != 0) throw std::runtime_error("can't write " + path);
}

int serve(Options const& options) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);  // a client that goes away in the middle of a TLS write
  int const stop_fd = signalfd(-1, &signals, SFD_CLOEXEC);
  prctl(PR_SET_PDEATHSIG, SIGTERM);  // nobody wants it once its starter is gone

  stub::Settings settings;
  settings.latency = std::chrono::microseconds(static_cast<std::int64_t>(options.latency_ms * 1000));
  settings.throttle = options.throttle;
  read_stall(options.stall, settings);
  fakes::Authority const authority;
  auto const certificate = authority.issue("127.0.0.1", 30L * 24 * 3600);
  stub::Cloud cloud(settings);
  stub::Server server(cloud, stub::make_tls(certificate.chain, certificate.key), options.port,
                      options.tls_port);

  auto const http = "http://127.0.0.1:" + std::to_string(server.port());
  auto const https = "https://127.0.0.1:" + std::to_string(server.tls_port());
  if (!options.ca_file.empty()) write_file(options.ca_file, authority.pem());
  if (!options.env_file.empty())
    write_file(options.env_file, "export EDW_STUB_HTTP='" + http + "'\nexport EDW_STUB_HTTPS='" + https +
                                     "'\n" +
                                     variables(options.scheme == "https" ? https : http, options.ca_file));
  std::printf("{\"http\":\"%s\",\"https\":\"%s\",\"ca_file\":\"%s\"}\n", http.c_str(), https.c_str(),
              options.ca_file.c_str());
  std::fflush(stdout);
  server.run(stop_fd);
  std::fputs(cloud.counts_json().c_str(), stdout);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Stands in for Azure Queue and Table storage, SQS and DynamoDB on loopback, in memory, and counts what "
      "it is "
      "sent. Prints one line of JSON when it listens and one with the counts when SIGTERM ends it. "
      "GET /_stub/counts tells them at any time; /_stub/reset, /_stub/rewind, "
      "/_stub/set?latency_ms=5&throttle=100 "
      "and /_stub/stall?ms=1000 steer it. It does not check signatures.");
  Options options;
  app.add_option("--port", options.port, "of http; 0: any free one [0]");
  app.add_option("--tls-port", options.tls_port, "of https; 0: any free one [0]");
  app.add_option("--ca-file", options.ca_file,
                 "where the authority of its certificate goes, for --ca-file of clients");
  app.add_option("--env", options.env_file, "where variables go, to be sourced, that make clients use it");
  app.add_option("--scheme", options.scheme, "which of the two those variables name [http]")
      ->check(CLI::IsMember({"http", "https"}));
  app.add_option("--latency", options.latency_ms, "milliseconds that every reply takes [0]")
      ->check(CLI::Range(0.0, 60000.0));
  app.add_option(
         "--throttle", options.throttle,
         "as many messages are taken, messages handed out and rows written a second, each; what is beyond is "
         "refused as the services do; 0: no limit [0]")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--stall", options.stall,
                 "AFTER:LENGTH, milliseconds: from AFTER on, counted from the first "
                 "request, nothing is answered for LENGTH, once");
  CLI11_PARSE(app, argc, argv);
  try {
    return serve(options);
  } catch (std::exception const& error) {
    std::fprintf(stderr, "stub_cloud: %s\n", error.what());
    return 1;
  }
}
