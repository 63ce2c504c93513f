"""The command line of the linter."""

import argparse
import json
import sys

from linter import cluster, pods, scaling
from linter.consumer import SHAPE, consumers
from linter.findings import wrong_shape
from linter.manifests import Unreadable, read

ABOUT = """Look for what makes a scaled consumer lose time or messages. What is named is read together, as one deployment:
manifests (.yaml, .yml), and subjects of federated credentials in scripts, policies and state files beside them."""

EXAMPLES = """examples:
  k8s/lint manifests/
  helm template edw k8s/chart --namespace edw --values my-values.yaml | k8s/lint -
  k8s/lint --subject system:serviceaccount:edw:edw manifests/
  kubectl get deployment,scaledobject,triggerauthentication,serviceaccount,poddisruptionbudget -o yaml | k8s/lint --live -

Exit code: 0 nothing found, 1 findings, 2 it could not be read."""


def _said(rule, manifests, *subject):
    """What a rule says, or that what it looks at has not the shape of its kind."""
    try:
        return list(rule(manifests, *subject))
    except SHAPE as error:
        about = getattr(subject[0], "workload", subject[0]) if subject else manifests.all[0]
        return [wrong_shape(about, error)]


def lint(manifests, live=False):
    """All findings about manifests that belong together, by file and object."""
    found = []
    for rule in cluster.RULES:
        if not (live and rule is cluster.of_the_server):
            found += _said(rule, manifests)
    ours, odd = consumers(manifests)
    found += [wrong_shape(workload, error) for workload, error in odd]
    for consumer in ours:
        for rule in pods.RULES:
            found += _said(rule, manifests, consumer)
    for scaler in manifests.of("ScaledObject", "ScaledJob"):
        for rule in scaling.RULES:
            if not (live and rule is scaling.replicas):
                found += _said(rule, manifests, scaler)
    unique = list(dict.fromkeys(found))
    return sorted(unique, key=lambda f: (f.file, f.object, f.rule))


def main(arguments):
    parser = argparse.ArgumentParser(prog="k8s/lint", description=ABOUT, epilog=EXAMPLES,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", metavar="DIR|FILE|-", help="where the manifests are; - is standard input")
    parser.add_argument("--output", choices=("text", "json"), default="text", help="for people, or one JSON object [text]")
    parser.add_argument("--subject", action="append", default=[], metavar="SUBJECT",
                        help="a federated subject to compare with the service accounts; may be given again")
    parser.add_argument("--live", action="store_true",
                        help="the manifests come from a cluster, where replicas and server-side fields are as they should be")
    options = parser.parse_args(arguments)
    try:
        manifests = read(options.paths)
        for subject in options.subject:
            before = len(manifests.subjects)
            manifests.add_text("--subject", subject)
            if len(manifests.subjects) == before:
                raise Unreadable(f"--subject {subject} is no subject: it reads system:serviceaccount:NAMESPACE:NAME.")
    except Unreadable as error:
        print(f"lint: {error}", file=sys.stderr)
        return 2
    found = lint(manifests, options.live)
    if options.output == "json":
        print(json.dumps({"manifests": len(manifests.all), "findings": [f.json() for f in found]}))
    else:
        for finding in found:
            print(finding.text())
        print(f"{len(manifests.all)} manifests, {len(found)} findings.", file=sys.stderr)
    return 1 if found else 0
