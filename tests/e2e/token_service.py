"""What stands between a pod and its storage: two clusters that issue service account tokens, Entra ID and STS.

Both token services verify the projected token before they give anything for it: its signature by the keys that its
issuer publishes over https, its issuer, audience, subject and time. Entra's part then signs an access token, which
Azurite takes. STS's part has moto assume the role; the session's requests pass through here on their way to moto,
which checks their signatures but not their time: that is done here.
"""

import http.client
import http.server
import json
import ssl
import threading
import time
import urllib.parse
import urllib.request
import uuid
import xml.etree.ElementTree
from pathlib import Path

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.config
import botocore.credentials

import edw
import jwt

AZURE_AUDIENCE, AWS_AUDIENCE = "api://AzureADTokenExchange", "sts.amazonaws.com"
STS_NAMES = {"sts": "https://sts.amazonaws.com/doc/2011-06-15/"}
POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:*","dynamodb:*"],"Resource":"*"}]}'


class Cluster:
    """A Kubernetes cluster, as far as it issues tokens for its service accounts."""

    def __init__(self, issuer):
        self.issuer, self.key = issuer, jwt.Key()

    @staticmethod
    def subject(account):
        return f"system:serviceaccount:{account.replace('/', ':')}"

    def token(self, account, audience, life=3600, key=None):
        """For the account NAMESPACE/NAME."""
        now = int(time.time())
        claims = {"iss": self.issuer, "sub": self.subject(account), "aud": [audience], "jti": str(uuid.uuid4()),
                  "iat": now, "nbf": min(now, now + life - 60), "exp": now + life}
        return (key or self.key).sign(claims)

    def document(self, path):
        documents = {
            "/.well-known/openid-configuration": {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/openid/v1/jwks"},
            "/openid/v1/jwks": {"keys": [self.key.public]},
        }
        return documents.get(path)


class Answer(Exception):
    """An HTTP reply that ends the handling of a request."""

    def __init__(self, status, body, content_type="application/json", headers=None):
        super().__init__(status)
        self.status, self.content_type, self.headers = status, content_type, headers or {}
        self.body = body if isinstance(body, bytes) else body.encode()


def entra_refuses(status, error, code, sentence):
    """As login.microsoftonline.com says it."""
    ids = {name: str(uuid.uuid4()) for name in ("trace_id", "correlation_id")}
    when = time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime())
    text = f"AADSTS{code}: {sentence} Trace ID: {ids['trace_id']} Correlation ID: {ids['correlation_id']} Timestamp: {when}"
    return Answer(status, json.dumps({"error": error, "error_description": text, "error_codes": [code], "timestamp": when, **ids}))


def sts_refuses(status, code, sentence):
    text = (f'<ErrorResponse xmlns="{STS_NAMES["sts"]}"><Error><Type>Sender</Type><Code>{code}</Code>'
            f"<Message>{sentence}</Message></Error><RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>")
    return Answer(status, text, "text/xml")


class TokenService:
    """Listens on loopback over https until closed. `life` is that of what it issues, in seconds."""

    def __init__(self):
        self.life = 3600
        self.tenant, self.client_id = str(uuid.uuid4()), str(uuid.uuid4())
        self.exchanges = []  # (service, subject) of each that succeeded
        self.asked = []      # the service, for each request for a token
        self.issued = []     # every secret that was given out
        self.names = []      # that TLS clients asked for, in order; None for a client that asked for none
        self.before = {}     # by service: called before a request is looked at; may raise an Answer
        self._sessions = {}  # the end of each session, by its access key id
        self._lock = threading.Lock()
        run = Path(edw.setting("EDW_TEST_EMULATOR_RUN"))
        self.ca_file = run / "ca.pem"
        self._trust = ssl.create_default_context(cafile=self.ca_file)
        self._server = self._listen(run)
        self.url = f"https://127.0.0.1:{self._server.server_address[1]}"
        self.aks, self.eks = Cluster(f"{self.url}/aks"), Cluster(f"{self.url}/eks")
        self.federated = set()   # (issuer, subject) that may act as the Azure application
        self.trusted = set()     # (issuer, subject) that may take the role
        self.providers = {self.aks.issuer, self.eks.issuer}  # the account's OIDC identity providers
        self._moto = urllib.parse.urlsplit(edw.setting("EDW_TEST_MOTO"))
        self._user = botocore.credentials.Credentials(edw.setting("EDW_TEST_MOTO_KEY_ID"), edw.setting("EDW_TEST_MOTO_SECRET"))
        self.role_arn = self._make_role()

    def _make_role(self):
        iam = boto3.client("iam", endpoint_url=self._moto.geturl(), region_name="us-east-1", config=botocore.config.Config(proxies={}),
                           aws_access_key_id=self._user.access_key, aws_secret_access_key=self._user.secret_key)
        name = edw.unique("pod-")
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument='{"Version":"2012-10-17","Statement":[]}')
        iam.put_role_policy(RoleName=name, PolicyName="storage", PolicyDocument=POLICY)
        return role["Role"]["Arn"]

    def _listen(self, run):
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30

            def setup(self):
                # Here and not in accept(), so that one slow client does not keep out the others.
                self.request = context.wrap_socket(self.request, server_side=True)
                super().setup()

            def finish(self):
                super().finish()
                self.request.close()

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                try:
                    service.handle(self.command, self.path, self.headers, body)
                    raise Answer(404, "{}")
                except Answer as answer:
                    self.send_response(answer.status)
                    self.send_header("Content-Type", answer.content_type)
                    self.send_header("Content-Length", str(len(answer.body)))
                    for name, value in answer.headers.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(answer.body)

            do_GET = do_POST = do_PUT = do_DELETE = answer

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 1024

            def handle_error(self, *_):
                pass  # a client that hangs up; the test looks at what the client says

        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(run / "server.pem", run / "server.key")
        context.sni_callback = lambda socket, name, _: self.names.append(name)
        server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def count(self, service):
        """How many exchanges succeeded."""
        with self._lock:
            return sum(1 for each, _ in self.exchanges if each == service)

    # What comes in

    def handle(self, method, path, headers, body):
        for name, cluster in (("/aks", self.aks), ("/eks", self.eks)):
            if path.startswith(f"{name}/") and (document := cluster.document(path[len(name):])):
                raise Answer(200, json.dumps(document))
        if path.startswith("/norole/"):
            raise Answer(403, '<?xml version="1.0" encoding="utf-8"?><Error><Code>AuthorizationPermissionMismatch</Code><Message>This '
                         "request is not authorized to perform this operation using this permission.</Message></Error>",
                         "application/xml", {"x-ms-error-code": "AuthorizationPermissionMismatch"})
        if path.endswith("/oauth2/v2.0/token"):
            self._begin("entra")
            self._entra(path.split("/")[-4], form_of(body))
        if headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
            self._begin("sts")
            self._sts(form_of(body))
        self._storage(method, path, headers, body)

    def _begin(self, service):
        with self._lock:
            self.asked.append(service)
        if service in self.before:
            self.before[service]()

    def _claims(self, token, known):
        """Verified by the keys that the issuer publishes, where that is one of the known ones."""
        issuer = jwt.parse(token)[1].get("iss")
        if issuer not in known:
            raise jwt.Refused("issuer", f"the issuer {issuer} is not known")
        return jwt.verify(token, self._fetch(self._fetch(f"{issuer}/.well-known/openid-configuration")["jwks_uri"]), time.time())

    def _fetch(self, url):
        handlers = (urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=self._trust))
        with urllib.request.build_opener(*handlers).open(url, timeout=10) as reply:
            return json.load(reply)

    def _exchanged(self, service, claims, *secrets):
        with self._lock:
            self.exchanges.append((service, claims["sub"]))
            self.issued += secrets

    # learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow

    def _entra(self, tenant, form):
        if tenant != self.tenant:
            raise entra_refuses(400, "invalid_request", 90002, f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID.")
        if form.get("client_id") != self.client_id:
            raise entra_refuses(400, "unauthorized_client", 700016,
                                f"Application with identifier '{form.get('client_id')}' was not found in the directory '{tenant}'.")
        expected = {"grant_type": "client_credentials", "scope": "https://storage.azure.com/.default",
                    "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}
        for name, value in expected.items():
            if form.get(name) != value:
                raise entra_refuses(400, "invalid_request", 900144, f"The request body must contain the parameter: '{name}'.")
        try:
            claims = self._claims(form.get("client_assertion", ""), {issuer for issuer, _ in self.federated})
        except jwt.Refused as refused:
            code, error = {"issuer": (700211, "invalid_request"), "expired": (700024, "invalid_client"),
                           "malformed": (50027, "invalid_request")}.get(refused.reason, (50013, "invalid_client"))
            raise entra_refuses(401 if error == "invalid_client" else 400, error, code, f"{refused}.") from refused
        if AZURE_AUDIENCE not in claims["aud"]:
            raise entra_refuses(400, "invalid_request", 700212, "No matching federated identity record found for presented "
                                f"assertion audience '{claims['aud'][0]}'.")
        if (claims["iss"], claims["sub"]) not in self.federated:
            raise entra_refuses(400, "invalid_request", 700213, "No matching federated identity record found for presented "
                                f"assertion subject '{claims['sub']}'.")
        # The end is rounded up: never before the moment that expires_in promises.
        now = int(time.time())
        token = self.aks.key.sign({"iss": f"https://sts.windows.net/{tenant}/", "aud": "https://storage.azure.com", "iat": now, "nbf": now,
                                   "exp": now + self.life + 1, "appid": self.client_id, "tid": tenant, "jti": str(uuid.uuid4())})
        self._exchanged("entra", claims, token)
        raise Answer(200, json.dumps({"token_type": "Bearer", "expires_in": self.life, "ext_expires_in": self.life, "access_token": token}))

    # docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html

    def _sts(self, form):
        if form.get("Action") != "AssumeRoleWithWebIdentity":
            raise sts_refuses(400, "InvalidAction", "Could not find operation.")
        try:
            claims = self._claims(form.get("WebIdentityToken", ""), self.providers)
        except jwt.Refused as refused:
            code = "ExpiredTokenException" if refused.reason == "expired" else "InvalidIdentityToken"
            raise sts_refuses(400, code, str(refused)) from refused
        if AWS_AUDIENCE not in claims["aud"]:
            raise sts_refuses(400, "InvalidIdentityToken", "Incorrect token audience")
        if form.get("RoleArn") != self.role_arn or (claims["iss"], claims["sub"]) not in self.trusted:
            raise sts_refuses(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
        body = urllib.parse.urlencode({**form, "DurationSeconds": self.life})
        signed = botocore.awsrequest.AWSRequest("POST", f"{self._moto.geturl()}/", data=body,
                                                headers={"Content-Type": "application/x-www-form-urlencoded"})
        botocore.auth.SigV4Auth(self._user, "sts", "us-east-1").add_auth(signed)
        answer = self._forward("POST", "/", dict(signed.headers), body.encode())
        if answer.status == 200:
            found = xml.etree.ElementTree.fromstring(answer.body).find(".//sts:Credentials", STS_NAMES)
            key_id, secret, token = (found.findtext(f"sts:{name}", namespaces=STS_NAMES)
                                     for name in ("AccessKeyId", "SecretAccessKey", "SessionToken"))
            self._sessions[key_id] = time.time() + self.life
            self._exchanged("sts", claims, secret, token)
        raise answer

    # What a session does with SQS and DynamoDB

    def _storage(self, method, path, headers, body):
        _, _, credential = headers.get("Authorization", "").partition("Credential=")
        end = self._sessions.get(credential.partition("/")[0])
        if end is not None and time.time() >= end:
            raise Answer(403 if "AmazonSQS" in headers.get("X-Amz-Target", "") else 400,
                         '{"__type":"com.amazon.coral.service#ExpiredTokenException","message":"The security token included in the '
                         'request is expired"}', "application/x-amz-json-1.0")
        raise self._forward(method, path, dict(headers), body)

    def _forward(self, method, path, headers, body):
        connection = http.client.HTTPConnection(self._moto.hostname, self._moto.port, timeout=60)
        try:
            connection.putrequest(method, path, skip_host="Host" in headers, skip_accept_encoding=True)
            for name, value in headers.items():
                if name.lower() not in ("content-length", "connection"):
                    connection.putheader(name, value)
            connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            reply = connection.getresponse()
            kept = {name: value for name, value in reply.getheaders() if name.lower().startswith("x-am")}
            return Answer(reply.status, reply.read(), reply.getheader("Content-Type", "application/json"), kept)
        finally:
            connection.close()


def form_of(body):
    return dict(urllib.parse.parse_qsl(body.decode(errors="replace")))


class Pod:
    """A pod of one of the clusters, with a token file for each cloud as the kubelet writes them."""

    def __init__(self, service, cluster, folder, account="edw/edw-app"):
        """In `folder`, which is the one of the test's own programs."""
        self.service, self.cluster, self.folder, self.account = service, cluster, folder, account
        self.files = {"azure": folder / edw.unique("azure-"), "aws": folder / edw.unique("aws-")}
        self.project("azure", self.token(AZURE_AUDIENCE))
        self.project("aws", self.token(AWS_AUDIENCE))
        service.federated.add((cluster.issuer, cluster.subject(account)))
        service.trusted.add((cluster.issuer, cluster.subject(account)))

    def token(self, audience, **options):
        return self.cluster.token(self.account, audience, **options)

    def project(self, cloud, text):
        """All at once, as the kubelet does."""
        part = self.folder / edw.unique("part-")
        part.write_text(text)
        part.rename(self.files[cloud])

    @property
    def secrets(self):
        return [path.read_text().strip() for path in self.files.values() if path.exists()]

    @property
    def env(self):
        """Both clouds' variables at once: what the two webhooks put into a pod, and where the emulators are."""
        storage = dict(part.split("=", 1) for part in edw.setting("EDW_TEST_AZURITE_HTTPS").strip(";").split(";"))
        endpoints = ";".join(f"{name}={storage[name]}" for name in ("AccountName", "QueueEndpoint", "TableEndpoint"))
        return {"AZURE_CLIENT_ID": self.service.client_id, "AZURE_TENANT_ID": self.service.tenant,
                "AZURE_FEDERATED_TOKEN_FILE": str(self.files["azure"]), "AZURE_AUTHORITY_HOST": f"{self.service.url}/",
                "AZURE_STORAGE_CONNECTION_STRING": f"{endpoints};",
                "AWS_ROLE_ARN": self.service.role_arn, "AWS_WEB_IDENTITY_TOKEN_FILE": str(self.files["aws"]),
                "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": self.service.url,
                "SSL_CERT_FILE": str(self.service.ca_file)}
