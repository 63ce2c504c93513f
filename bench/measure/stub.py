"""The stub cloud as bench/run uses it."""

import json
import subprocess
import urllib.request

ACCOUNT = "devstoreaccount1"
# The emulators' published key: no secret.
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


class Stub:
    def __init__(self, program, ca_file, pin=()):
        self.ca_file = str(ca_file)
        self.process = subprocess.Popen([*pin, str(program), "--ca-file", self.ca_file], stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("bench: the stub cloud did not start, as said above")
        self.urls = json.loads(line)

    def env(self, scheme):
        """What makes our programs and the vendors' clients talk to it."""
        url = self.urls[scheme]
        return {
            "AZURE_STORAGE_CONNECTION_STRING":
                f"DefaultEndpointsProtocol={scheme};AccountName={ACCOUNT};AccountKey={KEY};"
                f"QueueEndpoint={url}/{ACCOUNT};TableEndpoint={url}/{ACCOUNT};",
            "AWS_ENDPOINT_URL": url, "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "stub", "AWS_SECRET_ACCESS_KEY": "stub",
            "AWS_EC2_METADATA_DISABLED": "true",
            **{name: self.ca_file for name in ("SSL_CERT_FILE", "AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")},
        }

    def ask(self, command):
        """counts, reset, rewind, set?…: the counts after it."""
        with urllib.request.urlopen(f"{self.urls['http']}/_stub/{command}", timeout=60) as reply:
            return json.load(reply)

    def stop(self):
        self.process.terminate()
        self.process.wait(30)
        self.process.stdout.close()
