#include "app/program.hpp"
#include "consumer/doctor_command.hpp"
#include "consumer/redrive_command.hpp"
#include "consumer/run_command.hpp"

int main(int argc, char** argv) {
  consumer::RunCommand run;
  consumer::RedriveCommand redrive;
  consumer::DoctorCommand doctor;
  using std::placeholders::_1;
  using std::placeholders::_2;
  using std::placeholders::_3;
  return app::run_program(
      "consumer",
      {{run.describe(), &run.common(), std::bind(&consumer::RunCommand::run, &run, _1, _2, _3)},
       {redrive.describe(), &redrive.common(),
        std::bind(&consumer::RedriveCommand::run, &redrive, _1, _2, _3)},
       {doctor.describe(), &doctor.common(), std::bind(&consumer::DoctorCommand::run, &doctor, _1, _2, _3)}},
      argc, argv);
}
