#include "app/common.hpp"

namespace app {

void Common::add_to(Command& command) {
  command.heading("Where messages and results are");
  command.text("queue", "URI", queue,
               "sqlite:PATH#NAME, azure://ACCOUNT/NAME, azure:NAME, aws://REGION/NAME, aws:NAME or the "
               "service's https:// "
               "URL [sqlite:edw.db#messages]");
  command.text("table", "URI", table,
               "the same forms; need not be on the queue's cloud [sqlite:edw.db#results]");
  command.flag("create", create, "create queue and table where absent (always done for sqlite)");
  command.choice<storage::Encoding>(
      "encoding", encoding,
      {{"none", storage::Encoding::none},
       {"base64", storage::Encoding::base64},
       {"auto", storage::Encoding::automatic}},
      "message text on the wire; auto writes plain text and understands both [auto]");
  command.heading("How to run");
  command.text("ca-file", "FILE", ca_file,
               "CA certificates trusted besides the system's; also SSL_CERT_FILE, CURL_CA_BUNDLE");
  command.whole("threads", "N", threads, 1, 256, "event loops, each on a thread of its own [1]");
  command.text("config", "FILE", config,
               "TOML file with options as keys; [producer] and [consumer] tables serve one only");
  add_words_to(command);
}

void Common::add_words_to(Command& command) {
  command.heading("What to say");
  command.choice<base::Level>("log-level", log_level,
                              {{"trace", base::Level::trace},
                               {"debug", base::Level::debug},
                               {"info", base::Level::info},
                               {"warning", base::Level::warning},
                               {"error", base::Level::error}},
                              "least level that is logged to stderr; no secret ever appears [info]");
  command.choice<LogFormat>("log-format", log_format, {{"text", LogFormat::text}, {"json", LogFormat::json}},
                            "text for people, json for collectors [text on a terminal, else json]");
  command.choice<Output>("output", output, {{"text", Output::text}, {"json", Output::json}},
                         "the summary on stdout: for people, or exactly one JSON object [text]");
}

}  // namespace app
