#pragma once

#include <string>

namespace storage::sqlite {

class Connection;

// Throws a Failure, invalid, for a database of another program or of a newer version of this one. Changes
// nothing.
void check_owner(Connection& connection, std::string const& path);

// Makes what is absent. Call with the lock held. Throws a Failure.
void prepare_schema(Connection& connection, std::string const& path);

}  // namespace storage::sqlite
