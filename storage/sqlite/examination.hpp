#pragma once

#include <functional>
#include <memory>
#include <string>

#include "storage/core/context.hpp"
#include "storage/core/examination.hpp"
#include "storage/sqlite/database.hpp"

namespace storage::sqlite {

// What is tried in the file, in one transaction that is undone.
using Attempt = std::function<void(Connection&, Sheet&)>;

// Tries a file: that it can be opened, locked and written, its journal and the room left for it. A file that
// does not exist is not made.
class Examination final : public storage::Examination {
 public:
  // `steps` are the rows that `attempt` fills.
  Examination(std::shared_ptr<Jobs> jobs, std::string path, std::string const& name,
              std::vector<std::string> const& steps, Attempt attempt);
  boost::asio::awaitable<Examined> run() override;

 private:
  // False: there is no file to try.
  bool look_at_file();
  void look_at_folder();
  void judge_space(std::string const& folder);

  std::shared_ptr<Jobs> jobs_;
  std::string path_;
  Sheet sheet_;
  Attempt attempt_;
};

std::unique_ptr<storage::Examination> examine_queue(std::shared_ptr<Jobs> jobs, std::string path,
                                                    std::string name, QueueUse const& use);
std::unique_ptr<storage::Examination> examine_table(std::shared_ptr<Jobs> jobs, std::string path,
                                                    std::string name, TableUse const& use);

}  // namespace storage::sqlite
