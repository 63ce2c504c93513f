#pragma once

#include <memory>

#include "storage/core/cloud.hpp"
#include "storage/core/context.hpp"
#include "storage/sqlite/database.hpp"

namespace storage::sqlite {

// sqlite:PATH#NAME: a queue or table NAME in the file PATH, made when first opened. Several processes may
// share a file on one machine; not over a network file system. Destroy before the event loop.
std::unique_ptr<Cloud> make_cloud(Context context, Settings settings = {});

}  // namespace storage::sqlite
