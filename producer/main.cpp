#include "app/program.hpp"
#include "producer/audit_command.hpp"
#include "producer/compare_command.hpp"
#include "producer/doctor_command.hpp"
#include "producer/merge_command.hpp"
#include "producer/send_command.hpp"

int main(int argc, char** argv) {
  producer::SendCommand send;
  producer::AuditCommand audit;
  producer::CompareCommand compare;
  producer::MergeCommand merge;
  producer::DoctorCommand doctor;
  using std::placeholders::_1;
  using std::placeholders::_2;
  using std::placeholders::_3;
  return app::run_program(
      "producer",
      {{send.describe(), &send.common(), std::bind(&producer::SendCommand::run, &send, _1, _2, _3)},
       {audit.describe(), &audit.common(), std::bind(&producer::AuditCommand::run, &audit, _1, _2, _3)},
       {compare.describe(), &compare.common(),
        std::bind(&producer::CompareCommand::run, &compare, _1, _2, _3)},
       {merge.describe(), &merge.common(), std::bind(&producer::MergeCommand::run, &merge, _1, _2, _3)},
       {doctor.describe(), &doctor.common(), std::bind(&producer::DoctorCommand::run, &doctor, _1, _2, _3)}},
      argc, argv);
}
