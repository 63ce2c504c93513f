"""A sound deployment, and what the linter says when a test spoils it."""

import copy
import sys
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "k8s"))

from linter.command import lint  # noqa: E402
from linter.manifests import Manifests  # noqa: E402

GOOD = list(yaml.safe_load_all("""
apiVersion: v1
kind: ServiceAccount
metadata:
  name: app
  namespace: demo
  annotations: {azure.workload.identity/client-id: 11111111-1111-1111-1111-111111111111}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: app, namespace: demo}
spec:
  template:
    metadata:
      labels: {app: app, azure.workload.identity/use: "true"}
    spec:
      serviceAccountName: app
      terminationGracePeriodSeconds: 40
      containers:
        - name: consumer
          image: registry.example/consumer
          env:
            - {name: EDW_QUEUE, value: "azure://mystorage/messages"}
            - {name: EDW_CONCURRENCY, value: "64"}
---
apiVersion: keda.sh/v1alpha1
kind: TriggerAuthentication
metadata: {name: auth, namespace: demo}
spec:
  podIdentity: {provider: azure-workload, identityId: 11111111-1111-1111-1111-111111111111}
---
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: scaler, namespace: demo}
spec:
  scaleTargetRef: {name: app}
  minReplicaCount: 0
  maxReplicaCount: 15
  pollingInterval: 30
  cooldownPeriod: 60
  triggers:
    - type: azure-queue
      name: work
      metadata: {accountName: mystorage, queueName: messages, queueLength: "128", activationQueueLength: "0"}
      authenticationRef: {name: auth}
"""))


def rules(objects, text="", file="policy.json", live=False):
    """The rules that find something in these objects."""
    manifests = Manifests()
    for each in objects:
        manifests.add("all.yaml", each)
    manifests.add_text(file, text)
    return [finding.rule for finding in lint(manifests, live)]


class Deployed:
    """The good deployment, to be spoiled."""

    def __init__(self):
        self.account, self.deployment, self.auth, self.scaler = copy.deepcopy(GOOD)

    @property
    def template(self):
        return self.deployment["spec"]["template"]

    @property
    def pod(self):
        return self.template["spec"]

    @property
    def trigger(self):
        return self.scaler["spec"]["triggers"][0]

    def env(self, **values):
        container = self.pod["containers"][0]
        kept = [e for e in container["env"] if e["name"] not in values]
        container["env"] = kept + [{"name": n, "value": v} for n, v in values.items() if v is not None]

    def rules(self, *more, **options):
        return rules([self.account, self.deployment, self.auth, self.scaler, *more], **options)
