#include "producer/doctor_command.hpp"

#include "app/addresses.hpp"
#include "app/doctor.hpp"
#include "app/signals.hpp"

namespace producer {

using base::Result;

app::Command DoctorCommand::describe() {
  app::Command command("producer", "doctor",
                       "Try each step and permission that the producer needs, and name what is missing.");
  command.heading("Examination");
  command.flag("probe", probe_, "try also what can't be tried without a trace, with one real message");
  common_.add_to(command);
  command.footer("Examines the queue for sending and, where one is named, the table for `producer audit`.\n" +
                 app::doctor_footer("producer"));
  return command;
}

Result<int> DoctorCommand::run(app::Command const& command, base::Environment const& environment,
                               base::Log& log) {
  auto const where = app::addresses(command, common_.queue, common_.table, app::Need::queue, environment);
  if (!where) return where.error();
  auto loops =
      app::make_loops(1, {"producer", common_.ca_file, command.origin("ca-file"), 16}, environment, log);
  if (!loops) return loops.error();
  auto& stores = loops->front()->stores();
  std::vector<app::Patient> patients;

  storage::QueueUse queue_use;
  queue_use.send = true;
  queue_use.made_when_absent = common_.create;
  queue_use.probe = probe_;
  auto queue = stores.examine_queue(where->queue, queue_use);
  if (!queue) return app::complaint(where->queue_origin, queue.error());
  patients.push_back({"queue", where->queue, std::move(*queue)});

  if (!where->table.empty()) {
    storage::TableUse table_use;
    table_use.read = true;
    table_use.made_when_absent = true;  // the consumer's business
    table_use.probe = probe_;
    auto table = stores.examine_table(where->table, table_use);
    if (!table) return app::complaint(where->table_origin, table.error());
    patients.push_back({"table", where->table, std::move(*table)});
  }
  app::Signals const signals(log);  // it holds nothing: it may end anywhere
  return app::report(*loops, patients, common_);
}

}  // namespace producer
