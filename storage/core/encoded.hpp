#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "storage/core/queue.hpp"

namespace storage {

// How a body stands on the wire. `automatic` writes plain text and decodes only text that is not JSON and
// decodes to UTF-8 JSON, so both habits of Azure's SDKs are understood without asking.
enum class Encoding { none, base64, automatic };

std::string encode_body(Encoding encoding, std::string body);
// invalid: `base64` was asked for and the text is not base64.
Result<std::string> decode_body(Encoding encoding, std::string text);

// A queue whose bodies are encoded on their way out and decoded on their way in. A body that can't be decoded
// arrives as it stands, with Message::defect set.
std::unique_ptr<Queue> with_encoding(std::unique_ptr<Queue> inner, Encoding encoding);

}  // namespace storage
