"""What the stand-ins for kubectl, helm, docker and podman know."""

import json
import re

import jmespath

CLIENT_ID = "azure.workload.identity/client-id"


def contexts(world, call):
    name = call.words[2] if len(call.words) > 2 else None
    if name not in world.cluster.get("contexts", []):
        world.refuse(f"error: context {name} not found")
    return name


def reached(handler):
    """Only where the context is known: a call on whatever cluster happens to be current is a violation."""

    def wrapped(world, call):
        name = call.get("--context", "--kube-context")
        if not name:
            if world.settings.get("walkthrough"):
                return handler(world, call)
            world.violate(f"a call without its context: {call.program} {' '.join(call.argv)}")
        elif name not in world.cluster.get("contexts", []):
            world.refuse(f"error: context {name} does not exist")
        return handler(world, call)

    return wrapped


def words_of(call):
    """The words of a kubectl or helm call, wherever its global options stand."""
    skip, words = False, []
    for word in call.argv:
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = "=" not in word and word not in ("--create-namespace", "--wait", "--install", "--overwrite", "--reuse-values", "--all", "--ignore-not-found", "-w")
        else:
            words.append(word)
    return words


def annotate(world, call):
    found = next(word for word in call.argv if word.startswith(CLIENT_ID + "="))
    world.cluster["annotation"] = found.split("=", 1)[1]
    world.cluster["restarted"] = False


def restart(world, call):
    world.cluster["restarted"] = True


def ready(world, call):
    """KEDA is ready when its identity is there, named, taken up by a restart, and known everywhere."""
    if world.settings.get("cloud") == "aws":
        if "keda" not in world.cluster.get("releases", {}):
            world.refuse("error: no matches for kind ScaledObject")
    elif not world.cluster.get("annotation") or not world.cluster.get("restarted"):
        world.refuse("error: timed out waiting for the condition on scaledobjects/aqs-app")
    if "edw" not in world.cluster.get("releases", {}):
        world.refuse("Error from server (NotFound): scaledobjects.keda.sh not found")
    if world.lagging("ScaledObject"):
        world.refuse("error: timed out waiting for the condition on scaledobjects/aqs-app")
    return "condition met"


def get(world, call):
    words = words_of(call)
    if words[1] == "serviceaccount":
        return world.cluster.get("annotation")
    if words[1] == "nodeclaims":
        return None
    known = world.cluster.get("objects", {}).get("/".join(words[1:3]).replace("deployments", "deployment"))
    if known is None and len(words) > 2 and not world.settings.get("walkthrough"):
        world.refuse(f'Error from server (NotFound): {words[1]} "{words[2]}" not found')
    output = call.get("--output", "-o", default="")
    if output == "json":
        return json.dumps(known)
    if output.startswith("jsonpath="):
        return jsonpath(known, output[len("jsonpath="):])
    return json.dumps(known, indent=2) if known else "(nothing)"


def jsonpath(value, text):
    """As much of kubectl's jsonpath as the scripts use."""
    query = re.sub(r"\[\*\]", "[]", text.strip("{}").lstrip("."))
    found = jmespath.search(query, value)
    return " ".join(map(str, found)) if isinstance(found, list) else found


def change(world, call):
    """set image, set env and patch, on the objects that are there; with --dry-run=server only the answer."""
    words = words_of(call)
    objects = world.cluster["objects"]
    name = words[2] if words[0] == "set" else "/".join(words[1:3])
    target = json.loads(json.dumps(objects[name]))
    if words[:2] == ["set", "image"]:
        container, image = words[3].split("=", 1)
        for one in target["spec"]["template"]["spec"]["containers"]:
            if one["name"] == container:
                one["image"] = image
    elif words[:2] == ["set", "env"]:
        name_of, value = words[3].split("=", 1)
        target["spec"]["template"]["spec"]["containers"][0]["env"].append({"name": name_of, "value": value})
    else:
        for one in json.loads(call.get("--patch")):
            at, parts = target, one["path"].strip("/").split("/")
            for part in parts[:-1]:
                at = at[int(part)] if part.isdigit() else at[part]
            at[parts[-1]] = one["value"]
    if "--dry-run" not in call.options:
        objects[name] = target
    return json.dumps(target, indent=2)


def status(world, call):
    name = words_of(call)[1]
    if name not in world.cluster.get("releases", {}):
        world.refuse("Error: release: not found")
    return json.dumps({"info": {"status": "deployed"}})


def install(world, call):
    name = words_of(call)[1]
    for file in [call.argv[i + 1] for i, word in enumerate(call.argv) if word in ("--values", "-f")]:
        with open(file) as values:
            world.cluster.setdefault("values", {})[name] = values.read()
    releases = world.cluster.setdefault("releases", {})
    releases[name] = releases.get(name, 0) + 1


def uninstall(world, call):
    if not world.cluster.get("releases", {}).pop(words_of(call)[1], None):
        world.refuse("Error: uninstall: Release not loaded: release: not found")


def test(world, call):
    if world.lagging("helm test"):
        world.refuse("Error: 1 error occurred: pod aqs-app-doctor failed")


def manifest(world, call):
    return "kind: Deployment\n"


def differs(world, call):
    if world.settings.get("edited"):
        world.refuse("-  image: edw/consumer\n+  image: another", 1)


def apply(world, call):
    world.settings.pop("edited", None)


def push(world, call):
    if call.words[0] == "push":
        world.images.append(call.words[1].split("/", 1)[1])


def nothing(world, call):
    return None


def handler(call):
    if call.program in ("docker", "podman"):
        return push, call.words[:1] != ["login"]
    words = words_of(call)
    if call.program == "helm":
        return reached({"status": status, "upgrade": install, "uninstall": uninstall, "test": test, "get": manifest}.get(words[0], nothing)), words[0] in ("upgrade", "uninstall")
    if words[:2] == ["config", "get-contexts"]:
        return contexts, False
    if words[:2] == ["config", "use-context"]:
        return lambda w, c: w.cluster.setdefault("contexts", []).append(words[2]), True
    if words[:2] == ["config", "delete-context"]:
        return lambda w, c: w.cluster["contexts"].remove(words[2]), True
    if words[0] == "config":
        return nothing, False
    table = {("annotate",): annotate, ("rollout", "restart"): restart, ("wait",): ready, ("get",): get, ("set",): change, ("patch",): change,
             ("diff",): differs, ("apply",): apply}
    for key, answer in table.items():
        if tuple(words[:len(key)]) == key:
            return reached(answer), key in (("annotate",), ("rollout", "restart"), ("set",), ("patch",), ("apply",)) and "--dry-run" not in call.options
    return reached(nothing), False
