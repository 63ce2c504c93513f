"""What can be wrong with an identity: one sentence that names the provider and the next thing to do, and no token in it."""

import edw
import stores
import token_service
from token_service import AWS_AUDIENCE, AZURE_AUDIENCE

PROVIDER = {"azure": "workload identity", "aws": "web identity"}
VARIABLE = {"azure": "AZURE_FEDERATED_TOKEN_FILE", "aws": "AWS_WEB_IDENTITY_TOKEN_FILE"}
AUDIENCE = {"azure": AZURE_AUDIENCE, "aws": AWS_AUDIENCE}


class BadIdentity(edw.Case):
    def setUp(self):
        super().setUp()
        self.service = token_service.TokenService()
        self.addCleanup(self.service.close)
        self.secrets = self.service.issued
        self.pod = token_service.Pod(self.service, self.service.eks, self.folder)
        self.env.update(self.pod.env)

    def sending(self, cloud, **env):
        return self.start("producer", "--count", 1, "--run", edw.unique(), "--queue", f"{cloud}:queue", env=env)

    def complains(self, running, *words, code=(1, 2)):
        """It ends by itself, says all of this, and shows no token, which every run is searched for."""
        ended = running.wait()
        self.assertIn(ended.code, code, str(ended))
        self.assertLessEqual(len(ended.sentences), 1, str(ended))
        for word in words:
            self.assertIn(word, ended.err, str(ended))
        return ended

    def project(self, cloud, text):
        self.secrets.append(text)
        self.pod.project(cloud, text)


class TokenFiles(BadIdentity):
    def test_that_are_missing(self):
        for cloud, path in self.pod.files.items():
            path.unlink()
            self.complains(self.sending(cloud), PROVIDER[cloud], VARIABLE[cloud], str(path), "can't be read")
        self.assertEqual(self.service.asked, [])

    def test_that_are_empty(self):
        for cloud, path in self.pod.files.items():
            path.write_text("\n")
            self.complains(self.sending(cloud), PROVIDER[cloud], VARIABLE[cloud], "is empty")
        self.assertEqual(self.service.asked, [])

    def test_that_are_folders(self):
        for cloud in self.pod.files:
            self.complains(self.sending(cloud, **{VARIABLE[cloud]: str(self.folder)}), PROVIDER[cloud], VARIABLE[cloud])

    def test_whose_token_has_expired(self):
        for cloud in self.pod.files:
            self.project(cloud, self.pod.token(AUDIENCE[cloud], life=-60))
        self.complains(self.sending("azure"), "workload identity", "AADSTS700024", "AZURE_FEDERATED_TOKEN_FILE", "is being renewed")
        self.complains(self.sending("aws"), "web identity", str(self.pod.files["aws"]), "has expired", "kubelet")

    def test_that_hold_half_a_token(self):
        """Caught while they are written: nobody who writes in place is waited for, but the next exchange reads anew."""
        for cloud, path in self.pod.files.items():
            whole = path.read_text()
            path.write_text(whole[: len(whole) // 3])
        azure, aws = self.sending("azure"), self.sending("aws")
        self.complains(azure, "workload identity", "AADSTS50027")
        self.complains(aws, "web identity", "does not believe")

    def test_that_are_rotated_in_mid_run(self):
        """The old token ends and its place is empty for a while; a new one comes: no message is the worse for it."""
        self.service.life = 12
        azure = stores.Azure(connection="EDW_TEST_AZURITE_HTTPS")
        azure.create()
        running = self.start("producer", "--duration", "25s", "--rate", 20, "--run", "a", "--queue", azure.queue, "--output", "json")
        edw.wait_for(lambda: self.service.count("entra") >= 2, "a renewal")
        self.pod.files["azure"].write_text("")
        edw.wait_for(lambda: "could not be renewed" in running.err, "a word about the empty file")
        self.project("azure", self.pod.token(AZURE_AUDIENCE))
        known = self.service.count("entra")
        edw.wait_for(lambda: self.service.count("entra") > known, "a renewal by the new token")
        ended = running.wait()
        self.assertEqual((ended.code, ended.json["failed"], ended.json["unknown"]), (0, 0, 0), str(ended))


class Refusals(BadIdentity):
    def test_of_a_wrong_tenant_or_client(self):
        self.complains(self.sending("azure", AZURE_TENANT_ID="other.example"), "workload identity", "AADSTS90002", "AZURE_TENANT_ID")
        self.complains(self.sending("azure", AZURE_CLIENT_ID="other"), "workload identity", "AADSTS700016", "AZURE_CLIENT_ID")

    def test_of_a_wrong_audience_issuer_subject_key_or_role(self):
        """Side by side, since some of them may pass and are tried again for a while."""
        other = token_service.Pod(self.service, self.service.eks, self.folder, account="edw/other")
        stranger = token_service.Pod(self.service, token_service.Cluster("https://issuer.invalid"), self.folder)
        forged = token_service.Pod(self.service, self.service.eks, self.folder)
        for pod in (other, stranger):
            who = (pod.cluster.issuer, pod.cluster.subject(pod.account))
            self.service.federated.discard(who)
            self.service.trusted.discard(who)
        for cloud in self.pod.files:
            forged.project(cloud, forged.token(AUDIENCE[cloud], key=token_service.jwt.Key()))
            self.project(cloud, self.pod.token("https://kubernetes.default.svc"))
        self.secrets += [*other.secrets, *stranger.secrets, *forged.secrets]
        federation = ("workload identity", "check the federated credential")
        cases = [
            (self.sending("azure"), *federation, "AADSTS700212", "api://AzureADTokenExchange"),
            (self.sending("azure", AZURE_FEDERATED_TOKEN_FILE=str(stranger.files["azure"])), *federation, "AADSTS700211"),
            (self.sending("azure", AZURE_FEDERATED_TOKEN_FILE=str(other.files["azure"])), *federation, "AADSTS700213", "up to 60 s"),
            (self.sending("azure", AZURE_FEDERATED_TOKEN_FILE=str(forged.files["azure"])), "workload identity", "AADSTS50013"),
            (self.sending("aws"), "web identity", "audience", "IAM identity provider"),
            (self.sending("aws", AWS_WEB_IDENTITY_TOKEN_FILE=str(stranger.files["aws"])), "web identity", "IAM identity provider"),
            (self.sending("aws", AWS_WEB_IDENTITY_TOKEN_FILE=str(other.files["aws"])), "web identity", "trust policy", "up to 30 s"),
            (self.sending("aws", AWS_WEB_IDENTITY_TOKEN_FILE=str(forged.files["aws"])), "web identity", "does not believe"),
            (self.sending("aws", AWS_ROLE_ARN="arn:aws:iam::123456789012:role/none"), "web identity"),
        ]
        for running, *words in cases:
            self.complains(running, *words)
        self.assertEqual(self.service.exchanges, [])

    def test_that_pass_while_a_federation_spreads(self):
        """The federated credential and the trust policy come a little later than the pod."""
        who = (self.pod.cluster.issuer, self.pod.cluster.subject(self.pod.account))
        self.service.federated.clear()
        self.service.federated.add((who[0], "somebody else"))
        self.service.trusted.clear()
        azure, aws = stores.Azure(connection="EDW_TEST_AZURITE_HTTPS"), stores.Aws()
        azure.create()
        aws.create()
        running = [self.start("producer", "--count", 3, "--run", edw.unique(), "--queue", store.queue) for store in (azure, aws)]
        for each, seconds in zip(running, (60, 30)):
            edw.wait_for(lambda each=each, seconds=seconds: f"trying again for up to {seconds} s" in each.err, "a word about trying again")
        self.service.federated.add(who)
        self.service.trusted.add(who)
        for each in running:
            self.assertEqual(each.wait().code, 0)

    def test_for_want_of_a_role_are_not_answered_by_another_token(self):
        endpoint = self.service.url
        connection = f"AccountName=norole;QueueEndpoint={endpoint}/norole;TableEndpoint={endpoint}/norole;"
        self.complains(self.sending("azure", AZURE_STORAGE_CONNECTION_STRING=connection), "AuthorizationPermissionMismatch",
                       f"the workload identity {self.service.client_id}", "Storage Queue Data")
        self.assertEqual(self.service.asked, ["entra"])


class Settings(BadIdentity):
    def test_of_a_container_endpoint_outside_the_list(self):
        token = "not-a-real-container-token"
        for url in ("http://10.0.0.1/credentials", "http://credentials.example/", "http://169.254.170.3/"):
            env = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": url, "AWS_CONTAINER_AUTHORIZATION_TOKEN": token, "AWS_ROLE_ARN": "",
                   "AWS_WEB_IDENTITY_TOKEN_FILE": ""}
            self.complains(self.sending("aws", **env), "container credentials", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "no token is sent there")

    def test_of_two_aws_credentials_at_once(self):
        aws = stores.Aws()
        aws.create()
        running = self.start("producer", "--count", 3, "--run", "a", "--queue", aws.queue,
                             env={"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:1/"})
        ended = running.wait()
        self.assertEqual(ended.code, 0, str(ended))
        self.assertIn("more than one AWS credential is configured", ended.err)
        self.assertIn(f"the web identity {self.service.role_arn}", ended.err)
        self.assertIn("AWS_CONTAINER_CREDENTIALS_FULL_URI", ended.err)

    def test_of_two_azure_credentials_at_once(self):
        """The vendor's order: a client secret comes first, and its failure is not passed over."""
        self.complains(self.sending("azure", AZURE_CLIENT_SECRET="not-a-real-client-secret"), "client secret")
        self.assertEqual(self.service.asked, ["entra"])

    def test_of_half_a_pair(self):
        self.complains(self.sending("aws", AWS_ROLE_ARN=""), "web identity", "AWS_ROLE_ARN is not")
        self.complains(self.sending("aws", AWS_WEB_IDENTITY_TOKEN_FILE=""), "web identity", "AWS_WEB_IDENTITY_TOKEN_FILE is not")
        self.complains(self.sending("azure", AZURE_CLIENT_ID=""), "workload identity needs AZURE_CLIENT_ID")

    def test_of_a_token_proxy(self):
        self.complains(self.sending("azure", AZURE_KUBERNETES_TOKEN_PROXY="http://proxy.example"), "workload identity",
                       "AZURE_KUBERNETES_TOKEN_PROXY", "https://")
        self.complains(self.sending("azure", AZURE_KUBERNETES_SNI_NAME="a.ests.aks"), "workload identity", "AZURE_KUBERNETES_SNI_NAME")


if __name__ == "__main__":
    edw.main()
