#include "consumer/doctor_command.hpp"

#include "app/addresses.hpp"
#include "app/dead_letter.hpp"
#include "app/doctor.hpp"
#include "app/signals.hpp"

namespace consumer {

using base::Result;

app::Command DoctorCommand::describe() {
  app::Command command("consumer", "doctor",
                       "Try each step and permission that the consumer needs, and name what is missing.");
  command.heading("Examination");
  command.flag("probe", probe_,
               "try also what can't be tried without a trace, with one real message and row");
  command.heading("As for consumer run");
  command.text("dead-letter", "URI", dead_letter_, "where poison messages go [the queue's name + -poison]");
  command.whole("max-receives", "N", max_receives_, 1, 1000,
                "compared with the queue's own redrive policy [5]");
  command.duration("lease", "SECONDS", lease_, "compared with how long the queue keeps messages [60]");
  common_.add_to(command);
  command.footer("Examines the queue, the table and the dead-letter queue.\n" +
                 app::doctor_footer("consumer"));
  return command;
}

Result<int> DoctorCommand::run(app::Command const& command, base::Environment const& environment,
                               base::Log& log) {
  auto const where = app::addresses(command, common_.queue, common_.table, app::Need::both, environment);
  if (!where) return where.error();
  auto loops =
      app::make_loops(1, {"consumer", common_.ca_file, command.origin("ca-file"), 16}, environment, log);
  if (!loops) return loops.error();
  auto& stores = loops->front()->stores();
  std::vector<app::Patient> patients;

  storage::QueueUse queue_use;
  queue_use.receive = true;
  queue_use.made_when_absent = common_.create;
  queue_use.probe = probe_;
  queue_use.max_receives = max_receives_;
  queue_use.lease = std::chrono::ceil<std::chrono::seconds>(lease_);
  auto queue = stores.examine_queue(where->queue, queue_use);
  if (!queue) return app::complaint(where->queue_origin, queue.error());
  patients.push_back({"queue", where->queue, std::move(*queue)});

  storage::TableUse table_use;
  table_use.write = true;
  table_use.made_when_absent = common_.create;
  table_use.probe = probe_;
  auto table = stores.examine_table(where->table, table_use);
  if (!table) return app::complaint(where->table_origin, table.error());
  patients.push_back({"table", where->table, std::move(*table)});

  auto const uri = dead_letter_.empty() ? app::dead_letter_uri(where->queue) : dead_letter_;
  storage::QueueUse letters_use;
  letters_use.send = true;
  letters_use.made_when_absent = true;
  letters_use.probe = probe_;
  auto letters = stores.examine_queue(uri, letters_use);
  if (!letters)
    return app::complaint(command.given("dead-letter") ? command.origin("dead-letter") : "--dead-letter",
                          letters.error());
  patients.push_back({"dead letters", uri, std::move(*letters), true});

  app::Signals const signals(log);  // it holds nothing: it may end anywhere
  return app::report(*loops, patients, common_);
}

}  // namespace consumer
