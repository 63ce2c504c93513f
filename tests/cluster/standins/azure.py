"""What the stand-in for az knows: resources of the kinds that the scripts use, answered as the real one prints them."""

import json
import re

import jmespath

SUBSCRIPTION = "00000000-0000-0000-0000-0000000000aa"
ME = "00000000-0000-0000-0000-0000000000ee"


def path(call, kind=None, name=None):
    group = call.get("--resource-group", "-g") or call.get("--name", "-n")
    text = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}"
    return f"{text}/providers/{kind}/{name or call.get('--name', '-n')}" if kind else text


KINDS = {
    ("group",): lambda c: path(c),
    ("network", "vnet"): lambda c: path(c, "Microsoft.Network/virtualNetworks"),
    ("network", "vnet", "subnet"): lambda c: path(c, "Microsoft.Network/virtualNetworks", c.get("--vnet-name")) + "/subnets/" + c.get("--name"),
    ("storage", "account"): lambda c: path(c, "Microsoft.Storage/storageAccounts"),
    ("acr",): lambda c: path(c, "Microsoft.ContainerRegistry/registries"),
    ("identity",): lambda c: path(c, "Microsoft.ManagedIdentity/userAssignedIdentities"),
    ("identity", "federated-credential"): lambda c: path(c, "Microsoft.ManagedIdentity/userAssignedIdentities", c.get("--identity-name")) + "/federatedIdentityCredentials/" + c.get("--name"),
    ("aks",): lambda c: path(c, "Microsoft.ContainerService/managedClusters"),
}


def printed(call, value):
    """VALUE through --query and --output, as the real one prints it."""
    if call.get("--query"):
        value = jmespath.search(call.get("--query"), value)
    output = call.get("--output", "-o", default="json")
    if output == "none" or value is None:
        return None
    if output == "tsv":
        rows = value if isinstance(value, list) else [value]
        return "\n".join("\t".join(map(str, row)) if isinstance(row, list) else str(row) for row in rows)
    return json.dumps(value, indent=2)


def absent(world, key, code=3):
    world.refuse(f"ERROR: (ResourceNotFound) The Resource '{key}' was not found.", code)


def show(world, call):
    key = KINDS[tuple(call.words[:-1])](call)
    found = world.resources.get(key.lower())
    if not found:
        if call.says("group"):
            world.refuse("ERROR: (ResourceGroupNotFound) Resource group could not be found.", 3)
        absent(world, key)
    return printed(call, found)


def number(text):
    """An id that follows from a name."""
    return "00000000-0000-0000-0000-" + format(abs(hash_of(text)) % 16**12, "012x")


def hash_of(text):
    value = 7
    for letter in text:
        value = value * 31 + ord(letter)
    return value


def create(world, call):
    kind = tuple(call.words[:-1])
    key = KINDS[kind](call)
    name = call.get("--name", "-n")
    if kind != ("group",) and path(call).lower() not in world.resources:
        world.refuse("ERROR: (ResourceGroupNotFound) Resource group could not be found.", 3)
    value = {"id": key, "name": name, "location": call.get("--location"), "provisioningState": "Succeeded",
             "tags": dict(tag.split("=", 1) for tag in call.options.get("--tags", [])) or None}
    if kind == ("identity",):
        value |= {"principalId": number(name + "p"), "clientId": number(name + "c")}
    elif kind == ("identity", "federated-credential"):
        value |= {"issuer": call.get("--issuer"), "subject": call.get("--subject")}
        if not re.fullmatch(r"system:serviceaccount:[^:]+:[^:]+", value["subject"]):
            world.violate(f"a federated subject that names no service account: {value['subject']}")
    elif kind == ("storage", "account"):
        if name in world.settings.get("taken", []):
            world.refuse(f"ERROR: (StorageAccountAlreadyTaken) The storage account named {name} is already taken.")
        value["networkRuleSet"] = {"defaultAction": "Allow", "virtualNetworkRules": [], "ipRules": []}
        value |= storage_settings(call)
    elif kind == ("network", "vnet", "subnet"):
        value["serviceEndpoints"] = [{"service": name} for name in call.options.get("--service-endpoints", [])] or None
    elif kind == ("acr",):
        value["adminUserEnabled"] = call.get("--admin-enabled") == "true"
    elif kind == ("aks",):
        create_cluster(world, call, value)
    world.create(key, value)
    return printed(call, value)


def storage_settings(call):
    """What the options of create and update say."""
    told = {"allowSharedKeyAccess": "--allow-shared-key-access", "allowBlobPublicAccess": "--allow-blob-public-access",
            "enableHttpsTrafficOnly": "--https-only", "minimumTlsVersion": "--min-tls-version"}
    return {name: {"true": True, "false": False}.get(call.get(option), call.get(option)) for name, option in told.items() if call.get(option)}


def features(call):
    """What a cluster is made with, or set back to."""
    return {"oidcIssuerProfile": {"enabled": "--enable-oidc-issuer" in call.options, "issuerUrl": f"https://westeurope.oic.prod-aks.azure.com/{SUBSCRIPTION}/"},
            "securityProfile": {"workloadIdentity": {"enabled": "--enable-workload-identity" in call.options}},
            "workloadAutoScalerProfile": {"keda": {"enabled": "--enable-keda" in call.options}},
            "nodeProvisioningProfile": {"mode": call.get("--node-provisioning-mode")}}


def create_cluster(world, call, value):
    if world.settings.get("region_lacks"):
        world.refuse(f"ERROR: (LocationNotAvailableForResourceType) The provided location is not available for {world.settings['region_lacks']}.")
    identity = world.resources[call.get("--assign-identity").lower()]
    subnet = call.get("--vnet-subnet-id")
    granted = f"{identity['principalId']} Network Contributor {subnet}".lower()
    if granted not in world.resources or world.lagging("LinkedAuthorizationFailed"):
        world.refuse("ERROR: (LinkedAuthorizationFailed) The client has permission to perform action, however it does not have "
                     "permission to perform action 'Microsoft.Network/virtualNetworks/subnets/join/action' on the linked scope.")
    for wanted in ("--enable-keda", "--enable-oidc-issuer", "--enable-workload-identity"):
        if wanted not in call.options:
            world.violate(f"a cluster without {wanted}")
    value["identityProfile"] = {"kubeletidentity": {"objectId": number("kubelet")}}
    value |= features(call)
    value["agentPoolProfiles"] = [{"name": call.get("--nodepool-name"), "nodeTaints": call.options["--nodepool-taints"]}]
    value["provisioningState"] = world.settings.pop("aks_ends", "Succeeded")
    if value["provisioningState"] == "Failed":
        world.create(value["id"], value)
        world.refuse("ERROR: (QuotaExceeded) Insufficient regional vcpu quota left for location westeurope. left 2, requested 4.")


def rest(world, call):
    url = call.get("--url").split("?")[0]
    account = re.sub(r"/(queue|table)Services/.*", "", url)
    if call.get("--method") == "put":
        if account.lower() not in world.resources:
            absent(world, account, 1)
        world.create(url, {"id": url, "name": url.rsplit("/", 1)[1]})
        return None
    if url.lower() not in world.resources:
        world.refuse('ERROR: Not Found({"error":{"code":"ResourceNotFound","message":"The specified resource does not exist."}})')
    return printed(call, world.resources[url.lower()])


def grant(world, call):
    who, role, scope = call.get("--assignee-object-id", "--assignee"), call.get("--role"), call.get("--scope")
    known = [r.get("principalId") for r in world.resources.values()] + [number("kubelet"), ME]
    if who not in known or world.lagging("PrincipalNotFound"):
        world.refuse(f"ERROR: (PrincipalNotFound) Principal {who} does not exist in the directory.")
    if scope.lower() not in world.resources:
        absent(world, scope, 1)
    world.create(f"{who} {role} {scope}", {"id": scope + "/roleAssignments/" + number(who + role + scope)})


def grants(world, call):
    found = world.resources.get(f"{call.get('--assignee-object-id')} {call.get('--role')} {call.get('--scope')}".lower())
    return printed(call, [found] if found else [])


def add_rule(world, call):
    rules = world.resources[path(call, "Microsoft.Storage/storageAccounts", call.get("--account-name")).lower()]["networkRuleSet"]
    if call.get("--subnet"):
        rules["virtualNetworkRules"].append({"virtualNetworkResourceId": call.get("--subnet")})
    else:
        rules["ipRules"].append({"ipAddressOrRange": call.get("--ip-address")})


def update_storage(world, call):
    key = KINDS[("storage", "account")](call).lower()
    world.resources[key] |= storage_settings(call)
    if not call.get("--default-action"):
        return
    if not any(name.startswith(key + "/queueservices/") for name in world.resources):
        world.violate("the account was closed before its queue was made")
    if not world.resources[key]["networkRuleSet"]["virtualNetworkRules"]:
        world.violate("the account was closed before the nodes were let in")
    world.resources[key]["networkRuleSet"]["defaultAction"] = call.get("--default-action")


def update(world, call):
    """Of a subnet, a registry and a cluster."""
    found = world.resources[KINDS[tuple(call.words[:-1])](call).lower()]
    if call.says("acr"):
        found["adminUserEnabled"] = call.get("--admin-enabled") == "true"
    elif call.says("aks"):
        found |= features(call)
    else:
        found["serviceEndpoints"] = [{"service": name} for name in call.options["--service-endpoints"]]


def taint(world, call):
    cluster = path(call, "Microsoft.ContainerService/managedClusters", call.get("--cluster-name")).lower()
    for pool in world.resources[cluster]["agentPoolProfiles"]:
        if pool["name"] == call.get("--name"):
            pool["nodeTaints"] = call.options["--node-taints"]


def delete(world, call):
    kind = tuple(call.words[:-1])
    key = KINDS[kind](call)
    world.remove(key)
    for name in [name for name in world.resources if f" {key.lower()}" in name]:
        del world.resources[name]


def federations(world, call):
    prefix = path(call, "Microsoft.ManagedIdentity/userAssignedIdentities", call.get("--identity-name")).lower() + "/federated"
    return printed(call, [v for k, v in world.resources.items() if k.startswith(prefix)])


def listed(world, call):
    prefix = path(call).lower() + "/providers/"
    return printed(call, [v for k, v in sorted(world.resources.items()) if re.fullmatch(re.escape(prefix) + "[^/]+/[^/]+/[^/]+", k)])


def run(world, call):
    if not any(name.endswith("/registries/" + call.get("--registry").lower()) for name in world.resources):
        absent(world, call.get("--registry"))
    tag = dict(value.split("=") for value in call.options["--set"])["tag"]
    world.images.append(f"edw/consumer:{tag}")


def image(world, call):
    if call.get("--image") not in world.images:
        world.refuse("ERROR: 404 Client Error. (MANIFEST_UNKNOWN) manifest tagged is not found.")
    return printed(call, {"digest": "sha256:0"})


def credentials(world, call):
    if KINDS[("aks",)](call).lower() not in world.resources:
        absent(world, "the cluster")
    world.cluster.setdefault("contexts", []).append(call.get("--context") or call.get("--name"))


def provider(world, call):
    state = world.settings.setdefault("providers", {}).get(call.get("--namespace"), "NotRegistered")
    return printed(call, {"registrationState": state})


def register(world, call):
    world.settings.setdefault("providers", {})[call.get("--namespace")] = "Registered"


def federated_update(world, call):
    world.resources[KINDS[("identity", "federated-credential")](call).lower()] |= {"issuer": call.get("--issuer"), "subject": call.get("--subject")}


def account(world, call):
    if world.settings.get("logged_out"):
        world.refuse("ERROR: Please run 'az login' to setup account.")
    return printed(call, {"id": world.settings.get("subscription", SUBSCRIPTION), "tenantId": number("tenant"), "user": {"type": "user", "name": "somebody"}})


def handler(call):
    """(the function that answers CALL, whether it changes anything)."""
    table = {
        ("version",): (lambda w, c: printed(c, {"azure-cli": w.settings.get("az", "2.91.0")}), False),
        ("account", "show"): (account, False),
        ("account", "set"): (lambda w, c: None, False),
        ("login",): (lambda w, c: None, False),
        ("account", "list-locations"): (lambda w, c: printed(c, [{"name": "westeurope"}, {"name": "westus"}]), False),
        ("ad", "signed-in-user", "show"): (lambda w, c: printed(c, {"id": ME}), False),
        ("provider", "show"): (provider, False),
        ("provider", "register"): (register, True),
        ("rest",): (rest, call.get("--method") == "put"),
        ("role", "assignment", "list"): (grants, False),
        ("role", "assignment", "create"): (grant, True),
        ("storage", "account", "network-rule", "add"): (add_rule, True),
        ("storage", "account", "update"): (update_storage, True),
        ("network", "vnet", "subnet", "update"): (update, True),
        ("acr", "update"): (update, True),
        ("aks", "update"): (update, True),
        ("aks", "nodepool", "update"): (taint, True),
        ("resource", "list"): (listed, False),
        ("identity", "federated-credential", "list"): (federations, False),
        ("acr", "run"): (run, True),
        ("acr", "login"): (lambda w, c: None, False),
        ("acr", "repository", "show"): (image, False),
        ("aks", "get-credentials"): (credentials, True),
        ("aks", "wait"): (lambda w, c: None, False),
        ("identity", "federated-credential", "update"): (federated_update, True),
    }
    words = tuple(word for word in call.words if "/" not in word)
    if words in table:
        return table[words]
    if words[:-1] in KINDS and words[-1] in ("show", "create", "delete"):
        return {"show": (show, False), "create": (create, True), "delete": (delete, True)}[words[-1]]
    return lambda w, c: w.refuse(f"the stand-in for az does not know: {' '.join(call.argv)}", 2), False
