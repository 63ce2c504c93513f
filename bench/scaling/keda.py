"""KEDA's rules and those of the HorizontalPodAutoscaler that it makes.

KEDA's operator looks at the queue each pollingInterval and decides only between none and some: over the activation value it starts
the first pods, and when nothing was active for the cooldownPeriod it takes all away, where the least count is 0
(https://keda.sh/docs/latest/reference/scaledobject-spec/). Between one and many the autoscaler decides, every 15 s, by the queue's
length over the target a pod (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/): nothing happens within a
tenth of the target; up, at most 4 pods or as many as there are in 15 s; down, not below the most that was wanted in 300 s."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    target: float  # messages a pod: the trigger's queueLength
    least: int = 0  # minReplicaCount
    most: int = 100  # maxReplicaCount
    activation: float = 0  # messages
    polling: float = 30  # seconds, all below too
    cooldown: float = 300
    sync: float = 15
    tolerance: float = 0.1
    down_window: float = 300
    up_pods: int = 4
    up_percent: float = 100
    up_period: float = 15


class Operator:
    """KEDA's own loop, between 0 and the first pods."""

    def __init__(self, settings):
        self.settings = settings
        self.last_active = None

    def poll(self, now, pods, metric):
        settings = self.settings
        if metric > settings.activation:
            self.last_active = now
            return max(pods, settings.least, 1)
        if settings.least > 0:
            return max(pods, settings.least)
        if pods and (self.last_active is None or now - self.last_active > settings.cooldown):
            return 0
        return pods


class Autoscaler:
    """The HorizontalPodAutoscaler with KEDA's metric of type AverageValue."""

    def __init__(self, settings):
        self.settings = settings
        self.wanted = []  # (when, pods), before they are steadied
        self.added = []  # (when, pods)

    def demand(self, pods, metric):
        """ceil(metric / target), or no change while the average a pod is close to the target."""
        ratio = metric / (self.settings.target * pods)
        return pods if abs(ratio - 1) <= self.settings.tolerance else math.ceil(metric / self.settings.target)

    def ceiling(self, now, pods):
        """As many as the rules for scaling up allow at this moment, by what came in the period before."""
        settings = self.settings
        self.added = [(when, count) for when, count in self.added if when > now - settings.up_period]
        start = pods - sum(count for _, count in self.added)
        return max(start + settings.up_pods, math.ceil(start * (1 + settings.up_percent / 100)))

    def sync(self, now, pods, metric):
        settings = self.settings
        if pods == 0:
            return 0  # an autoscaler leaves 0 alone: KEDA's operator starts the first
        demand = self.demand(pods, metric)
        if not self.wanted:
            self.wanted = [(now, pods)]
        self.wanted = [(when, count) for when, count in self.wanted if when > now - settings.down_window]
        highest = max(demand, *(count for _, count in self.wanted)) if self.wanted else demand
        self.wanted.append((now, demand))
        wanted = demand if demand > pods else min(pods, highest)
        if wanted > pods:
            wanted = max(pods, min(wanted, self.ceiling(now, pods)))
        wanted = max(1, settings.least, min(wanted, settings.most))
        if wanted > pods:
            self.added.append((now, wanted - pods))
        return wanted
