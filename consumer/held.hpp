#pragma once

#include <list>
#include <memory>
#include <stop_token>
#include <string>

#include "app/body.hpp"
#include "app/tracing/span.hpp"
#include "consumer/meters.hpp"
#include "storage/core/queue.hpp"
#include "storage/core/table.hpp"

namespace consumer {

// A message that is leased to us, and how far we are with it.
struct Held {
  storage::Message message;
  app::Body body;
  std::stop_source cancel{std::nostopstate};   // ends the work on it
  int attempts = 0;                            // of the step it is in
  bool settling = false;                       // being removed or handed back: its lease is renewed no more
  bool renewing = false;                       // a renewal is on its way: its receipt may change
  bool copied = false;                         // a dead letter of it is sent
  std::string result;                          // what its worker made of it, as JSON
  Condemned condemned = Condemned::failed;     // why, where it goes to the dead letters
  bool lost = false;                           // the lease went to somebody else
  std::unique_ptr<app::tracing::Span> traced;  // of its processing, where its trace is kept
  std::list<Held>::iterator self;              // where the lane keeps it
};

}  // namespace consumer
