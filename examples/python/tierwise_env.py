"""Tierwise's simulated fleet as a gymnasium.Env; without Gymnasium installed, the same methods on plain lists.

    env = TierwiseEnv("--users", "2", "--goal", "85", command=["npx", "tierwise"])
    observation, info = env.reset(seed=7)
    observation, reward, terminated, truncated, info = env.step([3, 8])

An action has the index of a choice for each device; `env.choices` tells what they are. The reward is the average response
time in ms, negative, or the penalty where the goal is broken.
"""

import json
import random
import subprocess

try:
    import gymnasium
    import numpy

    Base = gymnasium.Env
except ImportError:
    gymnasium = None
    Base = object


class MultiDiscrete:
    """What a script needs of gymnasium.spaces.MultiDiscrete, with the standard library alone."""

    def __init__(self, nvec):
        self.nvec = nvec
        self._random = random.Random()

    def seed(self, seed=None):
        self._random.seed(seed)

    def sample(self):
        return [self._random.randrange(count) for count in self.nvec]

    def contains(self, action):
        return len(action) == len(self.nvec) and all(
            0 <= choice < count for choice, count in zip(action, self.nvec)
        )


class Box:
    """What a script needs of gymnasium.spaces.Box, with the standard library alone."""

    def __init__(self, low, high, shape):
        self.low, self.high, self.shape = low, high, shape

    def contains(self, observation):
        return len(observation) == self.shape[0] and all(
            self.low <= value <= self.high for value in observation
        )


class TierwiseError(RuntimeError):
    """What the environment refused, in its own words."""


class TierwiseEnv(Base):
    metadata = {"render_modes": []}
    render_mode = None

    def __init__(self, *flags, command=("npx", "tierwise")):
        """flags: those of `tierwise environment`, such as "--users", "2"; command: how Tierwise is started."""
        self._process = subprocess.Popen(
            [*command, "environment", "--stdio", *flags],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        spaces = self._call("spaces")
        self.choices = spaces["choices"]
        nvec, box = spaces["action_space"]["nvec"], spaces["observation_space"]
        if gymnasium:
            self.action_space = gymnasium.spaces.MultiDiscrete(nvec)
            self.observation_space = gymnasium.spaces.Box(
                box["low"], box["high"], tuple(box["shape"]), numpy.float32
            )
        else:
            self.action_space = MultiDiscrete(nvec)
            self.observation_space = Box(box["low"], box["high"], tuple(box["shape"]))

    def reset(self, *, seed=None, options=None):
        """options: {"goal": percent} for this episode."""
        if gymnasium:
            super().reset(seed=seed)
        answer = self._call("reset", seed=None if seed is None else int(seed), options=options)
        return self._observation(answer), answer["info"]

    def step(self, action):
        answer = self._call("step", action=[int(choice) for choice in action])
        return (
            self._observation(answer),
            float(answer["reward"]),
            answer["terminated"],
            answer["truncated"],
            answer["info"],
        )

    def optimum(self):
        """The best action of the state at hand, and its average response time in ms without noise."""
        answer = self._call("optimum")
        return answer["action"], answer["response_time_ms"]

    def close(self):
        if self._process.poll() is None:
            self._call("close")
            self._process.stdin.close()
            self._process.wait(timeout=10)
            self._process.stdout.close()

    def _observation(self, answer):
        values = answer["observation"]
        return numpy.array(values, dtype=numpy.float32) if gymnasium else values

    def _call(self, name, **given):
        try:
            self._process.stdin.write(json.dumps({"call": name, **given}) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise TierwiseError(f"the environment ended with status {self._process.wait()}")
        answer = json.loads(line)
        if "error" in answer:
            raise TierwiseError(answer["error"]["message"])
        return answer
