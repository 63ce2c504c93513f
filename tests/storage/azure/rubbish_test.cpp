#include <gtest/gtest.h>

#include "base/random.hpp"
#include "storage/azure/batch_wire.hpp"
#include "storage/azure/errors.hpp"
#include "storage/azure/queue_wire.hpp"
#include "storage/azure/replies.hpp"
#include "storage/azure/table_wire.hpp"

using namespace storage::azure;

namespace {

// Every decoder on these bytes: none may throw, crash or hang. The sanitizers watch.
void decode_everything(std::string const& bytes) {
  (void)decode_messages(bytes);
  (void)decode_entity(bytes);
  (void)decode_entities(bytes);
  (void)decode_continuation(bytes);
  (void)decode_batch(replies::batch_type, bytes);
  (void)decode_batch(bytes, bytes);
  http::Response response;
  response.status = 400;
  response.body = bytes;
  response.headers.set("x-ms-error-code", bytes);
  (void)to_error(response, Place(), base::System());
  response.headers.erase("x-ms-error-code");
  (void)to_error(response, Place(), base::System());
}

std::vector<std::string> seeds() {
  return {
      replies::messages(replies::message("1", "r", "a &lt; <![CDATA[b]]>") + replies::message("2", "s", "c")),
      replies::batch({{204, 1, ""}, {400, 2, replies::json_error("InvalidInput", "1:No.")}}),
      replies::json_error("TableNotFound", "0:x"),
      R"({"odata.metadata":"m","value":[{"PartitionKey":"p","RowKey":"r","n":"5","n@odata.type":"Edm.Int64","f":1e5}]})",
      R"({"PartitionKey":"p","RowKey":"r","a":"x","b":true,"c":null,"d":[1,{"e":2}]})",
      "<?xml version=\"1.0\"?><Error><Code>QueueNotFound</Code><Message>m</Message></Error>",
      "1%218&%41",
  };
}

}  // namespace

TEST(Rubbish, DoesNotUpsetADecoderWhereverAReplyIsCut) {
  for (auto const& seed : seeds())
    for (std::size_t length = 0; length <= seed.size(); ++length) decode_everything(seed.substr(0, length));
}

TEST(Rubbish, DoesNotUpsetADecoderWhateverBytesAreChanged) {
  base::SeededRandom random(7);
  for (auto const& seed : seeds())
    for (int round = 0; round < 1'000; ++round) {
      auto bytes = seed;
      for (std::uint64_t changes = 1 + random.below(6); changes > 0; --changes) {
        auto const at = static_cast<std::size_t>(random.below(bytes.size()));
        switch (random.below(3)) {
          case 0:
            bytes[at] = static_cast<char>(random.next());
            break;
          case 1:
            bytes.erase(at, 1 + static_cast<std::size_t>(random.below(20)));
            break;
          default:
            bytes.insert(at, bytes.substr(static_cast<std::size_t>(random.below(bytes.size())), 30));
        }
        if (bytes.empty()) bytes = "x";
      }
      decode_everything(bytes);
    }
}

TEST(Rubbish, DoesNotUpsetADecoderHoweverDeepItIsNested) {
  std::string lists(200'000, '[');
  decode_everything(lists);
  decode_everything("{\"value\":" + lists + std::string(200'000, ']') + "}");
  decode_everything(R"({"PartitionKey":"p","RowKey":"r","a":)" + lists + std::string(200'000, ']') + "}");
  decode_everything("{\"odata.error\":{\"code\":\"A\",\"message\":" + lists + std::string(200'000, ']') +
                    "}}");
  decode_everything("{\"odata.error\":{\"code\":\"A\",\"message\":{\"value\":" + lists +
                    std::string(200'000, ']') + "}}}");
  std::string elements;
  for (int i = 0; i < 50'000; ++i) elements += "<a>";
  decode_everything(elements);
  for (int i = 0; i < 50'000; ++i) elements += "</a>";
  decode_everything("<QueueMessagesList>" + elements + "</QueueMessagesList>");
}
