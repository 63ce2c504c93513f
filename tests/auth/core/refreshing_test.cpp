#include "auth/core/refreshing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/client.hpp"
#include "fakes/run.hpp"

using testing::IsEmpty;
using testing::SizeIs;

namespace {

// Signs with a number; a new one at each renewal.
class Numbers final : public auth::Renewable {
 public:
  base::Task<> sign(http::Request& request) override {
    if (refusal && number > 1) co_return *refusal;
    request.headers.add("Authorization", std::to_string(number));
    co_return base::Result<>();
  }
  bool renew(http::Request const& sent, http::Response const& response) override {
    asked_for.emplace_back(*sent.headers.find("Authorization"));
    status = response.status;
    if (renews) ++number;
    return renews;
  }
  int number = 1;
  int status = 0;
  bool renews = true;
  std::vector<std::string> asked_for;
  std::optional<base::Error> refusal;
};

class Refreshing : public testing::Test {
 protected:
  base::Result<http::Response> send(std::stop_token stop = {}) {
    http::Request request("POST", http::Origin{}, "/", "body");
    request.stop = stop;
    return fakes::run(refreshing.send(request));
  }
  fakes::Client inner;
  Numbers signer;
  auth::Refreshing refreshing{inner, signer, [](http::Response const& r) { return r.status == 401; }};
};

}  // namespace

TEST_F(Refreshing, SignsAndSendsWhatIsNotRefusedOnce) {
  inner.reply(201);
  EXPECT_EQ(send()->status, 201);
  EXPECT_EQ(*inner.requests.at(0).headers.find("Authorization"), "1");
  EXPECT_EQ(inner.requests.at(0).body, "body");
  EXPECT_THAT(signer.asked_for, IsEmpty());
}

TEST_F(Refreshing, SendsOnceMoreWithANewSecret) {
  inner.reply(401);
  inner.reply(201);
  EXPECT_EQ(send()->status, 201);
  ASSERT_THAT(inner.requests, SizeIs(2));
  EXPECT_EQ(*inner.requests.at(1).headers.find("Authorization"), "2");
  EXPECT_EQ(inner.requests.at(1).body, "body");
  EXPECT_THAT(signer.asked_for, testing::ElementsAre("1"));
  EXPECT_EQ(signer.status, 401);
}

TEST_F(Refreshing, TakesASecondRefusalForTheAnswer) {
  inner.reply(401);
  inner.reply(401);
  EXPECT_EQ(send()->status, 401);
  EXPECT_THAT(inner.requests, SizeIs(2));
}

TEST_F(Refreshing, LeavesAnotherRefusalAlone) {
  inner.reply(403);
  EXPECT_EQ(send()->status, 403);
  EXPECT_THAT(inner.requests, SizeIs(1));
}

TEST_F(Refreshing, DoesNotSendAgainWhereNoOtherSecretIsToBeHad) {
  signer.renews = false;
  inner.reply(401);
  EXPECT_EQ(send()->status, 401);
  EXPECT_THAT(inner.requests, SizeIs(1));
}

TEST_F(Refreshing, SaysWhyNoNewSecretCouldBeHad) {
  signer.refusal = base::Error(base::Errc::denied, "the token file is gone");
  inner.reply(401);
  auto const result = send();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "the token file is gone");
  EXPECT_THAT(inner.requests, SizeIs(1));
}

TEST_F(Refreshing, SendsNothingMoreOnceToldToStop) {
  std::stop_source stop;
  stop.request_stop();
  inner.reply(401);
  EXPECT_EQ(send(stop.get_token())->status, 401);
  EXPECT_THAT(inner.requests, SizeIs(1));
}
