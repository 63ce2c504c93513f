"""The tables and pictures of docs/growth.md."""

import dataclasses

from measure import machine
from measure.report import number
from scaling import draw, limits
from scaling.model import CLOUDS, NAMES, SIZE, take

BEGIN, END = "<!-- made by bench/growth: begin -->", "<!-- made by bench/growth: end -->"
BACKLOGS = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
RATES = (10, 100, 1_000, 2_000, 10_000, 30_000)
QUEUES = (1, 2, 5, 10, 50, 100, 500)
SPREADS = (("over hosts and zones", ["kubernetes.io/hostname", "topology.kubernetes.io/zone"]), ("over zones", ["topology.kubernetes.io/zone"]), ("none", []))
MILLION = 1_000_000
MANY = 10_000  # pods, more than are ever wanted


def table(heads, rows, left=1):
    """The first `left` columns to the left, numbers to the right."""
    marks = ["---" if i < left else "---:" for i in range(len(heads))]
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in [heads, marks, *rows])


def when(second):
    return "never" if second is None else f"{second:,}"


def entry(model, part, **wanted):
    return next(row for row in model.results["growth"][part] if all(row[key] == value for key, value in wanted.items()))


def backlog(model):
    rows, lines = [], []
    for cloud in CLOUDS:
        points = []
        for messages in BACKLOGS:
            run = model.burst(cloud, messages)
            rows.append([NAMES[cloud], f"{messages:,}", run.first_pod, when(run.drained), max(run.pods), max(run.nodes), f"{run.core_seconds:,.0f}",
                         number(messages * model.costs(cloud).cpu_us(SIZE) / 1e6)])
            points.append((messages, run.drained or len(run.depth)))
        lines.append((NAMES[cloud], points))
    heads = ["one queue on", "messages at once", "first pod ready, s", "queue empty, s", "pods, most", "nodes, most", "vCPU-seconds of nodes", "CPU-seconds of messages"]
    return table(heads, rows), draw.lines("Until a backlog is gone, from nothing: one queue, the chart's defaults", "messages at once", "seconds", lines)


def timeline(model):
    lines = []
    for cloud in CLOUDS:
        run = model.burst(cloud, MILLION)
        until = min(len(run.depth), 800)
        lines += [(f"{NAMES[cloud]}: messages left", [(second, max(1, depth)) for second, depth in enumerate(run.depth[:until])][::4]),
                  (f"{NAMES[cloud]}: pods", [(second, max(1, pods)) for second, pods in enumerate(run.pods[:until])][::2])]
    return draw.lines("A million messages at once, from nothing", "seconds", "messages; pods", lines, log_x=False, steps=True)


def spreads(model, messages=10_000):
    rows = []
    for name, keys in SPREADS:
        row = [name]
        for cloud in CLOUDS:
            run = model.burst(cloud, messages, nodes=model.nodes(cloud, spread=keys))
            row += [max(run.pods), max(run.nodes), f"{run.core_seconds:,.0f}"]
        rows.append(row)
    heads = ["soft spread"] + [f"{NAMES[cloud]}: {what}" for cloud in CLOUDS for what in ("pods", "nodes", "vCPU-seconds")]
    return table(heads, rows)


def knobs(model, messages=100_000, seconds=900):
    """The same backlog with one setting changed; 15 minutes, so that what stays is counted as well."""
    chart = model.keda()
    changes = [("the chart's", {}), ("pollingInterval: 5", {"keda": dataclasses.replace(chart, polling=5)}),
               ("minReplicas: 1", {"keda": dataclasses.replace(chart, least=1), "pods": 1}),
               ("maxReplicas: 100", {"keda": dataclasses.replace(chart, most=100)}), ("maxReplicas: 3", {"keda": dataclasses.replace(chart, most=3)}),
               ("queueLength: 10000", {"keda": dataclasses.replace(chart, target=10_000)})]
    rows = []
    for name, change in changes:
        row = [name]
        for cloud in CLOUDS:
            run = model.burst(cloud, messages, **({"seconds": seconds, "until_done": False} | change))
            row += [when(run.drained), max(run.pods), max(run.nodes), f"{run.core_seconds:,.0f}"]
        rows.append(row)
    heads = ["setting"] + [f"{NAMES[cloud]}: {what}" for cloud in CLOUDS for what in ("queue empty, s", "pods", "nodes", "vCPU-seconds")]
    return table(heads, rows)


def span(values):
    return f"{min(values)}–{max(values)}" if min(values) != max(values) else f"{max(values)}"


def steady(model):
    rows = []
    for cloud in CLOUDS:
        for rate in RATES:
            if rate > model.service_rate(cloud):
                continue
            run = model.steady(cloud, rate)
            late = slice(900, None)
            used = rate * model.costs(cloud).cpu_us(SIZE) / 1e6
            cores = sum(run.cores[late]) / len(run.cores[late])
            behind = min(run.depth[-300:]) > 10 * rate
            rows.append([NAMES[cloud], f"{rate:,}", span(run.pods[late]), span(run.nodes[late]),
                         f"{max(run.depth):,.0f}", "falls behind" if behind else f"{run.depth[-1]:,.0f}", number(used), f"{100 * used / cores:.0f} %" if cores else "–"])
    return table(["one queue on", "messages/s", "pods", "nodes", "deepest", "in the queue after half an hour", "cores that messages take", "of the nodes' cores"], rows)


def payload(model):
    rows, lines = [], []
    for cloud in CLOUDS:
        for action in ("send", "consume"):
            costs = model.costs(cloud, action)
            for size, micros in costs.cpu_by_size:
                row = [row for row in model.results["growth"]["by_size"] if "row_bytes" in row and row["size"] == size][0]["row_bytes"]
                rows.append([f"{NAMES[cloud]}, {action}", f"{size:,}", number(micros), f"{1e6 / micros:,.0f}", f"{costs.rate(model.values['requestedCpu'], size, 0, 64):,.0f}",
                             f"{costs.wire_bytes(size):,.0f}", limits.write_units(row) if (cloud, action) == ("aws", "consume") else "",
                             limits.sqs_charged(10 * size) if cloud == "aws" else ""])
            lines.append((f"{NAMES[cloud]}, {action}", list(costs.cpu_by_size)))
    heads = ["to", "bytes", "CPU µs a message", "messages/s on one core", f"on {model.values['requestedCpu']:g} core", "bytes on the wire", "write units a row", "charged requests for a batch of 10"]
    return table(heads, rows), draw.lines("CPU of a message by its size, https", "bytes of a message", "µs", lines)


def latency(model):
    rows, lines = [], []
    wanted = 10_000
    for cloud in CLOUDS:
        for action in ("send", "consume"):
            found = sorted({(row["concurrency"], row["latency_ms"]) for row in model.results["growth"]["by_latency"]})
            for concurrency in sorted({pair[0] for pair in found}):
                points = []
                for _, late in (pair for pair in found if pair[0] == concurrency):
                    rate = entry(model, "by_latency", backend=cloud, action=action, concurrency=concurrency, latency_ms=late)["rate"]
                    points.append((late, rate))
                lines.append((f"{NAMES[cloud]}, {action}, {concurrency:,}", points))
                each = [model.costs(cloud, action).rate(model.values["cpuLimit"], SIZE, late / 1000, concurrency) for late, _ in points]
                rows.append([f"{NAMES[cloud]}, {action}", f"{concurrency:,}", *(f"{rate:,.0f}" for _, rate in points), *(f"{wanted / rate:.1f}" for rate in each)])
    lates = sorted({row["latency_ms"] for row in model.results["growth"]["by_latency"]})
    heads = ["to", "in flight", *(f"{late} ms: messages/s" for late in lates), *(f"{late} ms: pods for {wanted:,}/s" for late in lates)]
    return table(heads, rows, 1), draw.lines("Messages a second on one core by the latency of a request", "ms", "messages/s", lines, log_x=False)


def shards(model):
    rows, one, many, fifo, high = [], [], [], [], []
    for queues in QUEUES:
        requests = model.requests("azure")
        single, why = limits.azure_rate(queues, 1, requests)
        accounts = next(count for count in range(1, 1000) if limits.azure_rate(queues, count, requests)[0] >= queues * limits.QUEUE_MESSAGES.value)
        whole = limits.azure_rate(queues, accounts, requests)[0]
        need = take(model, "azure", whole, queues=queues)
        rows.append([f"{queues:,}", f"{single:,.0f}", why, f"{whole:,.0f}", accounts, f"{need.pods:,}", number(need.consume_cores),
                     f"{limits.fifo_rate(queues):,}", f"{limits.fifo_rate(queues, high=True):,}"])
        for points, rate in ((one, single), (many, whole), (fifo, limits.fifo_rate(queues)), (high, limits.fifo_rate(queues, high=True))):
            points.append((queues, rate))
    heads = ["queues", "Azure, one account: messages/s", "bound by the", "Azure, accounts enough", "accounts", "pods", "cores", "SQS FIFO", "FIFO, high throughput"]
    lines = [("Azure, one account", one), ("Azure, accounts enough", many), ("SQS FIFO", fifo), ("FIFO, high throughput", high)]
    return table(heads, rows), draw.lines("Messages a second by the number of queues", "queues", "messages/s", lines)


def million(model):
    need = {cloud: take(model, cloud, MILLION) for cloud in CLOUDS}
    table_rows = limits.TABLE_UNITS.value
    cells = [
        ["queues", f"{need['azure'].queues:,}, each at 2,000/s", f"{need['aws'].queues} standard; {-(-MILLION // limits.fifo_rate(1)):,} FIFO, or {-(-MILLION // limits.fifo_rate(1, high=True))} in high-throughput mode"],
        ["storage accounts", f"{need['azure'].accounts} by their 20,000 requests/s ({-(-need['azure'].accounts // 2)} where 40,000 are given); 250 is a subscription's limit", "–"],
        ["partitions written to at once", *(f"{need[cloud].partitions:,} at {limit.value:,} {what}/s: at least {-(-need[cloud].partitions // limits.SHARDS)} runs at once, of {limits.SHARDS} each"
                                             for cloud, limit, what in (("azure", limits.PARTITION_ROWS, "rows"), ("aws", limits.PARTITION_UNITS, "units")))],
        ["DynamoDB write units/s", "–", f"{need['aws'].write_units:,.0f}: {need['aws'].write_units / table_rows:.0f} × a table's first quota; a new table reaches it by doubling from 4,000 each half hour, unless warmed"],
        *[[name, *(f"{get(need[cloud]):,.0f}" for cloud in CLOUDS)] for name, get in (
            ("requests/s to queues, sending included", lambda one: one.queue_requests), ("requests/s to tables", lambda one: one.table_requests),
            ("cores that producers take", lambda one: one.send_cores), ("cores that consumers take", lambda one: one.consume_cores),
            (f"consumer pods at {model.values['requestedCpu']:g} core and {model.values['concurrency']} in flight", lambda one: one.pods))],
        ["nodes for the consumers, packed full", *(", ".join(f"{count} × {kind}" for kind, count in need[cloud].nodes) for cloud in CLOUDS)],
        ["on the consumers' wire", *(f"{need[cloud].bytes / 1e9:.1f} GB/s" for cloud in CLOUDS)],
        ["what binds first", "the queue, then the account's requests", "the table's quota"],
    ]
    return table([f"{MILLION:,} messages/s of {SIZE} bytes", "Azure", "AWS"], cells, 3)


def chase(model):
    """A million a second on one SQS queue by KEDA's rules, with all quotas raised."""
    run = model.steady("aws", MILLION, seconds=3600, keda=model.keda(MANY), nodes=model.nodes("aws", spread=[], cpu_limit=MANY), service_rate=float("inf"))
    late = slice(1800, None)
    told = (f"With all quotas raised and no most, KEDA's rules bring one SQS queue to a million a second in {next(s for s, d in enumerate(run.depth) if s > run.first_pod and d < MILLION):,} s, "
            f"after {max(run.depth) / 1e6:,.0f} million messages have piled up. After that they swing between {min(run.pods[late]):,} and {max(run.pods[late]):,} pods, with up to "
            f"{max(run.depth[late]) / 1e6:,.1f} million messages waiting: what is in flight asks for fewer pods than the rate needs, so pods go until a backlog calls them back.")
    lines = [("messages left", [(s, max(1, d)) for s, d in enumerate(run.depth)][::15]), ("pods", [(s, max(1, n)) for s, n in enumerate(run.pods)][::15]),
             ("nodes", [(s, max(1, n)) for s, n in enumerate(run.nodes)][::15])]
    return told, draw.lines("A million messages a second on one SQS queue, by KEDA's and Karpenter's rules", "seconds", "messages; pods; nodes", lines, log_x=False, steps=True)


def assumptions(model):
    values, assumed = model.values, model.assumed
    starts = dict(assumed.node_start)
    spread = " and ".join(key.rsplit("/", 1)[-1] for key in values["spread"]) or "nothing"
    return "\n".join([
        f"* From the chart: {values['requestedCpu']:g} core and {values['requestedMemory']:g} MiB asked for, {values['cpuLimit']:g} core at most; --concurrency {values['concurrency']}, {2 * values['concurrency']} messages a pod; "
        f"{values['minReplicas']} to {values['maxReplicas']} pods; KEDA looks each {values['pollingInterval']} s and waits {values['cooldownPeriod']} s before 0; nodes go after {values['consolidateAfter']} s; soft spread over {spread}.",
        f"* Assumed: {assumed.latency * 1000:g} ms a request; a node is ready {starts['aws']} s after it was ordered on EKS (others [saw 45 to 90](https://devfloor9.github.io/engineering-playbook/en/docs/infrastructure-optimization/karpenter-autoscaling)) "
        f"and {starts['azure']} s on AKS (no figure was found); a pod starts in {assumed.pod_start:g} s, and the first on a node "
        f"{assumed.image_pull:g} s later. A backlog comes one second after KEDA looked, the worst moment.",
    ])


def limits_table():
    return table(["limit", "", "page"], [[f"{limit.value:,}", limit.what, f"[{limit.page.split('/')[2]}]({limit.page})"] for limit in limits.ALL], 3)


def pages(model):
    """The text between the marks, and each picture by its name."""
    growth = model.results["growth"]
    depth_table, depth_picture = backlog(model)
    payload_table, payload_picture = payload(model)
    latency_table, latency_picture = latency(model)
    shards_table, shards_picture = shards(model)
    chase_text, chase_picture = chase(model)
    pictures = {"growth-burst": timeline(model), "growth-backlog": depth_picture, "growth-payload": payload_picture, "growth-latency": latency_picture,
                "growth-shards": shards_picture, "growth-million": chase_picture}

    def show(name, text):
        return f"![{text}](pictures/{name}.svg)"

    parts = [
        f"Measured at commit `{growth['commit']}` on {growth['machine']['cpu']}, {growth['machine']['cores']} cores, one of them the client's, against the stub cloud over https; messages of {SIZE} bytes where nothing else is said.",
        machine.warning(growth),
        "## Queue depth", show("growth-burst", "A million messages at once: messages left and pods over time"), show("growth-backlog", "Seconds until a backlog is gone, by its size"),
        depth_table, "What single settings do to 100,000 messages at once (vCPU-seconds in a quarter of an hour):", knobs(model), "A steady rate for half an hour, from nothing:", steady(model), "What a soft spread of pods costs (10,000 messages at once, vCPU-seconds until the nodes are gone):", spreads(model),
        "## Payload size", show("growth-payload", "CPU of a message by its size"), payload_table,
        "## Latency", show("growth-latency", "Messages a second on one core by the latency of a request"), latency_table,
        "## Shards", show("growth-shards", "Messages a second by the number of queues"), shards_table,
        "## One million messages a second", million(model), show("growth-million", "A million messages a second on one SQS queue over an hour"), chase_text,
        "## What was set and assumed", assumptions(model), "## The limits", limits_table()]
    return "\n\n".join(part for part in parts if part), pictures


def put_into(text, section):
    head, rest = text.split(BEGIN, 1)
    return f"{head}{BEGIN}\n\n{section}\n\n{END}{rest.split(END, 1)[1]}"


def bill(model, rate, prices):
    """Resources of an hour at this rate, and what they cost where a price was given."""
    lines, total = [], {}
    for cloud in CLOUDS:
        need = dataclasses.asdict(take(model, cloud, rate))
        vcpus = sum(count * next(kind.cpu for kind in model.nodes(cloud).types if kind.name == name) for name, count in need["nodes"])
        wanted = {"vcpu-hour": vcpus}
        if cloud == "azure":
            wanted |= {"azure-queue-10k": need["queue_requests"] * 3600 / 1e4, "azure-table-10k": need["table_requests"] * 3600 / 1e4}
        else:
            wanted |= {"sqs-million": need["queue_requests"] * 3600 * limits.sqs_charged(10 * SIZE) / 1e6, "dynamodb-million": need["write_units"] * 3600 / 1e6}
        for name, amount in wanted.items():
            cost = prices.get(name)
            lines.append([NAMES[cloud], name, f"{amount:,.0f}", "–" if cost is None else f"{cost:g}", "–" if cost is None else f"{amount * cost:,.2f}"])
            total[cloud] = total.get(cloud, 0) + (amount * cost if cost is not None else 0)
    lines += [[NAMES[cloud], "**in all, of what has a price**", "", "", f"{sum_:,.2f}"] for cloud, sum_ in total.items() if prices]
    return table(["", f"an hour at {rate:,.0f} messages/s", "amount", "price (assumed)", "cost"], lines, 2)
