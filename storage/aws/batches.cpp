#include "storage/aws/batches.hpp"

#include <algorithm>

#include "base/gather.hpp"
#include "base/planted.hpp"
#include "storage/aws/resend.hpp"
#include "storage/aws/sqs_wire.hpp"

namespace storage::aws {

namespace {

bool may_pass(Errc code) { return code == Errc::transient || code == Errc::throttled; }

// A receipt that is refused although it has the right form: the message is with another, or gone.
bool lease_lost(Error const& error) {
  return error.code == Errc::conflict || (error.service_code == "InvalidParameterValue" ||
                                          error.service_code == "InvalidParameterValueException");
}

}  // namespace

void Batches::reject(std::size_t index, Error error) { rejected_.insert_or_assign(index, std::move(error)); }

void Batches::add_all(std::size_t count) {
  for (std::size_t begin = 0; begin < count; begin += sqs::batch) {
    std::vector<std::size_t> request;
    for (std::size_t i = begin; i < std::min<std::size_t>(count, begin + sqs::batch); ++i)
      request.push_back(i);
    Chain chain;
    chain.push_back(std::move(request));
    add(std::move(chain));
  }
}

Task<std::vector<Rejected>> Batches::run(Encode const& encode, std::size_t at_once) {
  bool const refused_before = !rejected_.empty();
  std::function<boost::asio::awaitable<void>(std::size_t)> const work = [this, &encode](std::size_t chain) {
    return follow(chains_[chain], encode);
  };
  co_await base::gather(chains_.size(), at_once, work);
  if (failed_ && !answered_ && !refused_before) co_return std::move(*failed_);
  std::vector<Rejected> rejected;
  for (auto& [index, error] : rejected_) {
    Rejected item;
    item.index = index;
    item.error = std::move(error);
    rejected.push_back(std::move(item));
  }
  co_return rejected;
}

// Rejects what is final and returns what is worth another attempt, with the reason to wait by.
std::vector<std::size_t> Batches::settle(std::span<std::size_t const> entries, http::Response const& reply,
                                         std::optional<Error>& again) {
  auto const outcomes = sqs::decode_batch(reply.body, entries.size());
  std::vector<std::size_t> left;
  for (std::size_t k = 0; k < entries.size(); ++k) {
    bool const done =
        outcomes && ((*outcomes)[k].done || base::planted(base::Planted::partial_failure_as_sent));
    if (done) {
      rejected_.erase(entries[k]);
      continue;
    }
    Error error = senseless(reply, service_.target(), action_);
    if (outcomes && !(*outcomes)[k].fault.code.empty())
      error = entry_failure((*outcomes)[k].fault, (*outcomes)[k].sender_fault, service_.target(), action_);
    bool const removing = action_ == "DeleteMessageBatch";
    bool const changing = action_ == "ChangeMessageVisibilityBatch";
    // A receipt that the service does not know any more belongs to a message that is gone.
    if (removing && error.service_code == "ReceiptHandleIsInvalid") {
      rejected_.erase(entries[k]);
      continue;
    }
    if ((removing || changing) && lease_lost(error)) {
      error.code = Errc::conflict;
      error.message = "the lease of the message is lost: another may hold it by now";
    }
    auto& unsure = unsure_[entries[k]];
    unsure = unsure || error.maybe_applied || reply.maybe_applied;
    error.maybe_applied = unsure;
    if (may_pass(error.code)) {
      left.push_back(entries[k]);
      if (!again || error.code == Errc::throttled) again = error;
    }
    reject(entries[k], std::move(error));
  }
  return left;
}

// What follows a request that could not be made is not sent: it would overtake what its sender sends again.
boost::asio::awaitable<void> Batches::follow(Chain const& chain, Encode const& encode) {
  std::optional<Error> broken;
  for (auto const& entries : chain) {
    if (!broken) {
      broken = co_await send(entries, encode);
      continue;
    }
    for (auto const entry : entries) {
      Error error = *broken;
      error.maybe_applied = false;
      reject(entry, std::move(error));
    }
  }
}

// The Error where the request failed for a reason that has nothing to do with its entries.
boost::asio::awaitable<std::optional<Error>> Batches::send(std::vector<std::size_t> entries,
                                                           Encode const& encode) {
  std::optional<Error> none;
  Resend resend(shared_, service_);
  while (!entries.empty()) {
    auto body = encode(entries);
    auto const reply = co_await service_.call(action_, std::move(body));
    if (!reply) {
      auto const code = reply.error().code;
      if (entries.size() > 1 && (code == Errc::invalid || code == Errc::too_large)) {
        for (auto const entry : entries) {
          std::vector<std::size_t> alone(1, entry);
          co_await send(std::move(alone), encode);
        }
        co_return none;
      }
      if (code == Errc::invalid || code == Errc::too_large)
        answered_ = true;  // it is about the entry
      else if (!failed_)
        failed_ = reply.error();
      else
        failed_->maybe_applied = failed_->maybe_applied || reply.error().maybe_applied;
      for (auto const entry : entries) {
        Error error = reply.error();
        error.maybe_applied = error.maybe_applied || unsure_[entry];
        reject(entry, std::move(error));
      }
      if (code == Errc::invalid || code == Errc::too_large) co_return none;
      co_return reply.error();
    }
    answered_ = true;
    std::optional<Error> again;
    auto left = settle(entries, *reply, again);
    if (left.empty()) co_return none;
    if (left.size() < entries.size()) resend.progressed();
    if (!base::planted(base::Planted::resend_whole_batch)) entries = std::move(left);
    bool const more = co_await resend.wait(*again);
    if (!more) co_return none;
  }
  co_return none;
}

}  // namespace storage::aws
