#include "storage/sqlite/cloud.hpp"

namespace storage::sqlite {

std::unique_ptr<Cloud> make_cloud(Context) { return nullptr; }

}  // namespace storage::sqlite
