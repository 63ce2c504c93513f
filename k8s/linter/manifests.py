"""Manifests as read from files, folders and standard input, and how they find each other."""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml

SUBJECT = re.compile(r"system:serviceaccount:([a-z0-9][-a-z0-9]*):([a-z0-9][-a-z0-9.]*)")
TEXTS = (".sh", ".json", ".tf", ".state", ".txt", ".bicep")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MANIFESTS = (".yaml", ".yml")


class Unreadable(Exception):
    """Something that cannot be judged: one sentence for a person."""


@dataclass(frozen=True)
class Manifest:
    file: str
    data: dict

    @property
    def kind(self):
        return self.data["kind"]

    @property
    def name(self):
        return str(self.at("metadata.name", ""))

    @property
    def namespace(self):
        """The namespace it names; None where it leaves that to who applies it."""
        given = self.at("metadata.namespace")
        return None if given is None else str(given)

    @property
    def api(self):
        return str(self.data.get("apiVersion", ""))

    def __str__(self):
        return f"{self.kind} {self.name}"

    def at(self, path, default=None):
        """at("spec.template.spec"): what stands there, or the default."""
        value = self.data
        for key in path.split("."):
            if not isinstance(value, dict) or value.get(key) is None:
                return default
            value = value[key]
        return value


@dataclass(frozen=True)
class Subject:
    """A service account that a federated credential or a trust policy names."""

    file: str
    namespace: str
    account: str

    def __str__(self):
        return f"system:serviceaccount:{self.namespace}:{self.account}"


class Manifests:
    """All that was read together: they are judged as one deployment."""

    def __init__(self):
        self.all = []
        self.subjects = []

    def of(self, *kinds):
        return [m for m in self.all if m.kind in kinds]

    def named(self, kind, name, beside):
        """The manifest of that kind and name in the namespace of another, or None. Its own file comes first: a folder may
        hold the same deployment for two clouds."""
        matches = [m for m in self.of(kind) if m.name == name and
                   (m.namespace == beside.namespace or None in (m.namespace, beside.namespace))]
        return min(matches, key=lambda m: m.file != beside.file, default=None)

    def add_yaml(self, file, text):
        try:
            documents = list(yaml.load_all(text, Loader=LOADER))
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = f" line {mark.line + 1}" if mark else ""
            raise Unreadable(f"{file}{line} is not YAML: {getattr(error, 'problem', error)}. A template must be rendered "
                             "first, e.g. by helm template … | k8s/lint -") from error
        for document in documents:
            items = document.get("items") if isinstance(document, dict) and document.get("kind") == "List" else [document]
            for item in items if isinstance(items, list) else []:
                self.add(file, item)

    def add(self, file, item):
        """One object; what is no manifest is passed over."""
        if isinstance(item, dict) and isinstance(item.get("kind"), str) and "apiVersion" in item:
            self.all.append(Manifest(file, item))
            self._subjects_in(file, item)

    def _subjects_in(self, file, item):
        # Only where an identity is federated: a comment or a note may speak of any subject.
        if item["kind"] in ("FederatedIdentityCredential", "Role") and "serviceaccount:" in str(item):
            self.add_text(file, str(item))

    def add_text(self, file, text):
        for namespace, account in SUBJECT.findall(text):
            subject = Subject(file, namespace, account)
            if subject not in self.subjects:
                self.subjects.append(subject)


def read(paths):
    """Reads files, folders and "-" together. Unreadable: what is missing, or is no YAML."""
    found = Manifests()
    for path in paths:
        if path == "-":
            found.add_yaml("standard input", sys.stdin.read())
            continue
        root = Path(path)
        if not root.exists():
            raise Unreadable(f"{path} does not exist: name a file or a folder of manifests, or - for standard input.")
        for file in sorted(root.rglob("*")) if root.is_dir() else [root]:
            _read_file(found, file, given=file == root)
    if not found.all:
        raise Unreadable(f"no manifest was found in {', '.join(paths)}: there is nothing to judge.")
    return found


def _read_file(found, file, given):
    if not file.is_file():
        return
    is_yaml = file.suffix in MANIFESTS
    if not (is_yaml or given or file.suffix in TEXTS):
        return
    try:
        text = file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"{file} cannot be read: {error}.") from error
    if is_yaml or (given and file.suffix not in TEXTS):
        found.add_yaml(str(file), text)
    else:
        found.add_text(str(file), text)
