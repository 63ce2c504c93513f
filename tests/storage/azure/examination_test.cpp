// What doctor finds on Azure, and that it leaves nothing behind.
#include "base/encoding.hpp"
#include "base/time.hpp"
#include "fakes/certificate.hpp"
#include "fakes/findings.hpp"
#include "storage/azure/replies.hpp"
#include "storage/azure/world.hpp"

using fakes::row;
using fakes::verdicts;
using storage::Errc;
using storage::Examined;
using storage::QueueUse;
using storage::TableUse;
using storage::Verdict;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using namespace std::chrono_literals;

namespace {

class AzureExamination : public World {
 protected:
  using World::World;

  Examined queue(QueueUse const& use) {
    auto const uri = storage::Uri::parse("azure:work").value();
    auto examination = cloud->examine_queue(uri, use).value();
    return run(examination->run());
  }
  Examined table(TableUse const& use) {
    auto const uri = storage::Uri::parse("azure:rows").value();
    auto examination = cloud->examine_table(uri, use).value();
    return run(examination->run());
  }
  static QueueUse sending() {
    QueueUse use;
    use.send = true;
    return use;
  }
  static QueueUse receiving() {
    QueueUse use;
    use.receive = true;
    return use;
  }
  static TableUse writing() {
    TableUse use;
    use.write = true;
    return use;
  }
  void answer(int status, std::string body = {}) {
    auto headers = with("x-ms-approximate-messages-count", "7");
    headers.set("Date", base::http_date(clock.system()));
    client.reply(status, std::move(body), std::move(headers));
  }
  void refuse(int status, std::string const& code) {
    auto headers = with("x-ms-error-code", code);
    headers.set("Date", base::http_date(clock.system()));
    client.reply(status, "", std::move(headers));
  }
  void gone() { refuse(404, "MessageNotFound"); }
  void no_role() { refuse(403, "AuthorizationPermissionMismatch"); }
  std::string sent(std::size_t index) {
    if (index >= client.requests.size()) return "no request";
    return client.requests[index].method + ' ' + client.requests[index].target;
  }
};

class AzureExaminationBySas : public AzureExamination {
 protected:
  AzureExaminationBySas()
      : AzureExamination(
            "AccountName=acc;SharedAccessSignature=sv=2024-01-01&se=2026-11-25T01:00:00Z&sig=hidden") {}
};

class AzureExaminationByIdentity : public AzureExamination {
 protected:
  AzureExaminationByIdentity() : AzureExamination("AccountName=acc") {
    std::map<std::string, std::string, std::less<>> const variables{
        {"AZURE_STORAGE_CONNECTION_STRING", "AccountName=acc"},
        {"AZURE_TENANT_ID", "my-tenant"},
        {"AZURE_CLIENT_ID", "my-client"},
        {"AZURE_FEDERATED_TOKEN_FILE", folder.write("token", "projected-token")}};
    environment = base::Environment(variables);
  }
  void token() {
    auto const claims = base::base64_encode(R"({"oid":"11112222-aaaa","idtyp":"app"})");
    client.reply(200, R"({"expires_in":3600,"access_token":"head.)" + claims + R"(.mark"})");
  }
  fakes::TempDir folder;
};

}  // namespace

TEST_F(AzureExamination, PutsAnInvisibleMessageAndDeletesItByItsReceipt) {
  answer(200);
  gone();
  answer(201, replies::messages(replies::message("probe-id", "probe+receipt", "")));
  answer(204);
  auto const found = queue(sending());
  EXPECT_EQ(verdicts(found), "credential ok, connection ok, clock ok, queue ok, send ok");
  EXPECT_THAT(found.warnings, IsEmpty());
  EXPECT_EQ(found.address, "https://acc.queue.core.windows.net/work");
  ASSERT_THAT(client.requests, SizeIs(4));
  EXPECT_EQ(sent(2), "POST /work/messages?visibilitytimeout=59&messagettl=60");
  EXPECT_EQ(sent(3), "DELETE /work/messages/probe-id?popreceipt=probe%2Breceipt");
}

TEST_F(AzureExamination, TellsWhenTheProbeCouldNotBeDeleted) {
  answer(200);
  gone();
  answer(201, replies::messages(replies::message("probe-id", "receipt", "")));
  refuse(403, "AuthorizationPermissionMismatch");
  auto const found = queue(sending());
  EXPECT_EQ(row(found, "send").verdict, Verdict::ok);
  ASSERT_THAT(found.warnings, SizeIs(1));
  EXPECT_THAT(found.warnings.front(), HasSubstr("expires within 60 seconds"));
}

TEST_F(AzureExamination, NeverPutsAProbeTwiceWhereThePutFailedUnclearly) {
  answer(200);
  gone();
  refuse(500, "InternalError");
  auto const found = queue(sending());
  EXPECT_EQ(row(found, "send").verdict, Verdict::failed);
  EXPECT_THAT(client.requests, SizeIs(3));
  EXPECT_THAT(found.warnings, SizeIs(1));
}

TEST_F(AzureExamination, ReceivesNothingToFindOutThatItMay) {
  answer(200);
  gone();
  answer(200, replies::messages(""));
  gone();
  auto const found = queue(receiving());
  EXPECT_EQ(verdicts(found),
            "credential ok, connection ok, clock ok, queue ok, receive ok, delete ok, extend ok");
  EXPECT_THAT(row(found, "queue").detail, HasSubstr("7 messages"));
  EXPECT_THAT(sent(2), HasSubstr("peekonly=true"));
  for (auto const& request : client.requests)
    EXPECT_FALSE(request.method == "GET" && request.target.find("visibilitytimeout") != std::string::npos);
}

TEST_F(AzureExamination, FailsAnAbsentQueueAndLeavesTheRest) {
  refuse(404, "QueueNotFound");
  auto const found = queue(receiving());
  EXPECT_EQ(verdicts(found),
            "credential ok, connection ok, clock ok, queue failed, receive untested, delete "
            "untested, extend untested");
  EXPECT_THAT(row(found, "queue").detail, HasSubstr("--create"));
}

TEST_F(AzureExamination, ToleratesAnAbsentQueueThatIsMadeWhenFirstNeeded) {
  refuse(404, "QueueNotFound");
  auto use = sending();
  use.made_when_absent = true;
  EXPECT_EQ(verdicts(queue(use)), "credential ok, connection ok, clock ok, queue untested, send untested");
}

TEST_F(AzureExamination, BlamesTheCredentialThatIsRefused) {
  refuse(403, "AuthenticationFailed");
  refuse(403, "AuthenticationFailed");
  auto const found = queue(sending());
  EXPECT_EQ(verdicts(found), "credential failed, connection ok, clock ok, queue untested, send untested");
  EXPECT_THAT(row(found, "credential").detail, HasSubstr("AccountKey"));
}

TEST_F(AzureExamination, BlamesTheNetworkRulesThatShutUsOut) {
  refuse(403, "AuthorizationFailure");
  auto const found = queue(sending());
  EXPECT_EQ(verdicts(found), "credential ok, connection failed, clock ok, queue untested, send untested");
  EXPECT_THAT(row(found, "connection").detail, HasSubstr("network rules"));
}

TEST_F(AzureExamination, BlamesTheConnectionWhereNobodyAnswers) {
  for (int i = 0; i < 4; ++i)
    client.fail({Errc::transient, "no connection to https://acc: check the network"});
  auto const found = queue(sending());
  EXPECT_EQ(verdicts(found),
            "credential ok, connection failed, clock untested, queue untested, send untested");
  EXPECT_THAT(row(found, "connection").detail, HasSubstr("check the network"));
}

TEST_F(AzureExamination, PassesOnWhatIsWrongWithACertificate) {
  client.fail({Errc::invalid, "the certificate is not trusted: name the CA with --ca-file"});
  EXPECT_THAT(row(queue(sending()), "connection").detail, HasSubstr("--ca-file"));
}

TEST_F(AzureExamination, CallsAThrottledServiceFailedRatherThanMissing) {
  for (int i = 0; i < 4; ++i) refuse(503, "ServerBusy");
  auto const found = queue(sending());
  EXPECT_EQ(row(found, "queue").verdict, Verdict::failed);
  EXPECT_THAT(row(found, "queue").remedy, HasSubstr("again"));
  EXPECT_EQ(row(found, "send").verdict, Verdict::untested);
}

TEST_F(AzureExamination, TakesOneMessageOnlyWithAProbeAndHandsItBack) {
  answer(200);
  gone();
  answer(200, replies::messages(replies::message("theirs", "r", "body")));
  auto headers = with("x-ms-popreceipt", "r2");
  client.reply(204, "", headers);
  gone();
  auto use = receiving();
  use.probe = true;
  EXPECT_EQ(row(queue(use), "receive").verdict, Verdict::ok);
  EXPECT_EQ(sent(2), "GET /work/messages?numofmessages=1&visibilitytimeout=1");
  EXPECT_EQ(sent(3), "PUT /work/messages/theirs?popreceipt=r&visibilitytimeout=0");
}

TEST_F(AzureExamination, TriesWritingOnARowThatIsNotThere) {
  answer(200);
  refuse(404, "ResourceNotFound");
  auto const found = table(writing());
  EXPECT_EQ(verdicts(found), "credential ok, connection ok, clock ok, table ok, write ok");
  ASSERT_THAT(client.requests, SizeIs(2));
  EXPECT_EQ(*client.requests[1].headers.find("If-Match"), "*");
}

TEST_F(AzureExamination, WritesAndDeletesARowOfItsOwnWithAProbe) {
  answer(200);
  answer(204);
  answer(204);
  auto use = writing();
  use.probe = true;
  auto const found = table(use);
  EXPECT_EQ(row(found, "write").verdict, Verdict::ok);
  EXPECT_FALSE(client.requests[1].headers.find("If-Match"));
  EXPECT_EQ(client.requests[1].target, client.requests[2].target);
  EXPECT_EQ(client.requests[2].method, "DELETE");
}

TEST_F(AzureExamination, FailsAnAbsentTable) {
  refuse(404, "TableNotFound");
  EXPECT_EQ(verdicts(table(writing())),
            "credential ok, connection ok, clock ok, table failed, write untested");
}

TEST_F(AzureExaminationBySas, TellsWhenTheSignatureEndsAndNamesTheLetterThatIsMissing) {
  answer(200);
  no_role();
  no_role();
  auto const found = queue(sending());
  EXPECT_THAT(row(found, "credential").detail, AllOf(HasSubstr("3 days"), Not(HasSubstr("hidden"))));
  EXPECT_EQ(row(found, "send").verdict, Verdict::missing);
  EXPECT_THAT(row(found, "send").remedy, HasSubstr("\"a\" (add)"));
}

TEST_F(AzureExaminationBySas, NeedsNoLookWhereMessagesMayBeProcessed) {
  answer(200);
  gone();
  no_role();
  gone();
  EXPECT_EQ(row(queue(receiving()), "receive").verdict, Verdict::ok);
}

TEST_F(AzureExaminationByIdentity, NamesItTheChainAndTheTokensLife) {
  token();
  answer(200);
  gone();
  answer(201, replies::messages(replies::message("probe-id", "receipt", "")));
  answer(204);
  auto const found = queue(sending());
  EXPECT_EQ(verdicts(found), "credential ok, token ok, connection ok, clock ok, queue ok, send ok");
  EXPECT_THAT(row(found, "credential").detail,
              AllOf(HasSubstr("workload identity my-client"), HasSubstr("passed over: client secret")));
  EXPECT_THAT(row(found, "token").detail, HasSubstr("60 minutes"));
}

TEST_F(AzureExaminationByIdentity, NamesTheRoleTheScopeAndTheHolderThatLacksIt) {
  token();
  no_role();
  no_role();
  no_role();
  auto const found = queue(sending());
  EXPECT_EQ(row(found, "queue").verdict, Verdict::untested);
  EXPECT_EQ(row(found, "send").verdict, Verdict::missing);
  EXPECT_EQ(row(found, "send").remedy,
            "az role assignment create --role \"Storage Queue Data Message Sender\" --assignee-object-id "
            "11112222-aaaa --assignee-principal-type ServicePrincipal --scope \"$(az storage account show "
            "--name acc "
            "--query id --output tsv)/queueServices/default/queues/work\" (known everywhere after up to ten "
            "minutes)");
  ASSERT_THAT(client.requests, SizeIs(4));
  EXPECT_THAT(client.requests[3].body, Not(HasSubstr("MessageText")));  // what is no message can't be stored
}

TEST_F(AzureExaminationByIdentity, WhoMayOnlySendPutsNothingThatNobodyCouldTakeBack) {
  token();
  no_role();
  no_role();
  refuse(400, "InvalidXmlDocument");
  auto const found = queue(sending());
  EXPECT_EQ(row(found, "send").verdict, Verdict::untested);
  EXPECT_THAT(row(found, "send").remedy, HasSubstr("--probe"));
}

TEST_F(AzureExaminationByIdentity, WhoMayOnlySendSendsWithAProbe) {
  token();
  no_role();
  no_role();
  answer(201, replies::messages(replies::message("probe-id", "receipt", "")));
  auto use = sending();
  use.probe = true;
  EXPECT_EQ(row(queue(use), "send").verdict, Verdict::ok);
  EXPECT_THAT(client.requests, SizeIs(4));
}

TEST_F(AzureExaminationByIdentity, NamesTheContributorToAConsumerThatMayOnlyRead) {
  token();
  answer(200);
  no_role();
  answer(200, replies::messages(""));
  no_role();
  auto const found = queue(receiving());
  EXPECT_EQ(verdicts(found),
            "credential ok, token ok, connection ok, clock ok, queue ok, receive missing, delete "
            "missing, extend missing");
  for (auto const* step : {"receive", "delete", "extend"})
    EXPECT_THAT(row(found, step).remedy, HasSubstr("--role \"Storage Queue Data Contributor\""));
}

TEST_F(AzureExaminationByIdentity, FindsThatAProcessorCannotExtend) {
  token();
  no_role();  // nor count
  gone();
  answer(200, replies::messages(""));
  no_role();
  auto const found = queue(receiving());
  EXPECT_EQ(verdicts(found),
            "credential ok, token ok, connection ok, clock ok, queue missing, receive ok, delete ok, "
            "extend missing");
}

TEST_F(AzureExaminationByIdentity, LearnsOfAnAbsentQueueFromSendingWhereItMayNotLook) {
  token();
  no_role();
  no_role();
  refuse(404, "QueueNotFound");
  auto const found = queue(sending());
  EXPECT_EQ(row(found, "queue").verdict, Verdict::failed);
  EXPECT_EQ(row(found, "send").verdict, Verdict::untested);
}

TEST_F(AzureExaminationByIdentity, NamesTheTablesRoles) {
  token();
  no_role();
  no_role();
  TableUse use;
  use.read = use.write = true;
  auto const found = table(use);
  EXPECT_THAT(row(found, "read").remedy, AllOf(HasSubstr("\"Storage Table Data Reader\""),
                                               HasSubstr("/tableServices/default/tables/rows")));
  EXPECT_EQ(row(found, "write").verdict, Verdict::missing);
  EXPECT_THAT(row(found, "write").remedy, HasSubstr("\"Storage Table Data Contributor\""));
}

TEST_F(AzureExaminationByIdentity, FailsWithoutATokenAndAsksTheServiceNothing) {
  client.reply(400, R"({"error":"invalid_client","error_description":"AADSTS7000215: wrong."})");
  auto const found = queue(sending());
  EXPECT_EQ(verdicts(found),
            "credential failed, token untested, connection untested, clock untested, queue untested, "
            "send untested");
  EXPECT_THAT(row(found, "credential").detail, HasSubstr("workload identity"));
  EXPECT_THAT(client.requests, SizeIs(1));
}
