"""Trains a random and a tabular agent on Tierwise's simulated fleet, and says how far each ends from the best.

    python3 train.py [--steps 3000] [--seed 1] [--check] [--command "npx tierwise"]
"""

import argparse
import random

from tierwise_env import TierwiseEnv, gymnasium


class RandomAgent:
    """Takes anything, and learns nothing."""

    def __init__(self, env, seed):
        self.random = random.Random(seed)
        self.counts = [int(count) for count in env.action_space.nvec]

    def act(self):
        return tuple(self.random.randrange(count) for count in self.counts)

    def learn(self, action, reward):
        pass

    def greedy(self):
        return self.act()


class TabularAgent(RandomAgent):
    """The average reward of every joint action. Half of what it tries is new, half is beside the best it knows."""

    def __init__(self, env, seed):
        super().__init__(env, seed)
        self.table = {}

    def act(self):
        action = super().act()
        if not self.table or self.random.random() < 0.5:
            return action
        device = self.random.randrange(len(action))
        best = self.greedy()
        return best[:device] + (action[device],) + best[device + 1 :]

    def learn(self, action, reward):
        count, mean = self.table.get(action, (0, 0.0))
        self.table[action] = (count + 1, mean + (reward - mean) / (count + 1))

    def greedy(self):
        return max(self.table, key=lambda action: self.table[action][1])


def train(env, agent, steps, seed):
    """Returns the mean reward over all steps."""
    total = 0.0
    env.reset(seed=seed)
    for _ in range(steps):
        action = agent.act()
        _, reward, terminated, truncated, _ = env.step(action)
        agent.learn(action, reward)
        total += reward
        if terminated or truncated:
            env.reset()
    return total / steps


def judge(env, action, rounds=50):
    """Average response time of an action, ms, and whether it keeps the goal."""
    env.reset(seed=0)
    outcomes = [env.step(action) for _ in range(rounds)]
    times = [sum(info["response_times_ms"]) / len(action) for *_, info in outcomes]
    return sum(times) / rounds, outcomes[0][4]["goal_met"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--check", action="store_true", help="run Gymnasium's environment checker")
    parser.add_argument("--command", default="npx tierwise", help="how Tierwise is started")
    given = parser.parse_args()
    env = TierwiseEnv("--users", "3", "--goal", "85", command=given.command.split())
    if given.check:
        if not gymnasium:
            parser.error("--check needs Gymnasium: pip install gymnasium")
        from gymnasium.utils.env_checker import check_env

        check_env(env, skip_render_check=True)
        print("Gymnasium's checker is content")
    _, best_ms = env.optimum()
    for agent in (RandomAgent(env, given.seed), TabularAgent(env, given.seed)):
        mean = train(env, agent, given.steps, given.seed)
        action = agent.greedy()
        ms, goal_met = judge(env, action)
        chosen = " ".join(env.choices[choice]["name"] for choice in action)
        kept = "kept" if goal_met else "broken"
        print(
            f"{type(agent).__name__}: mean reward {mean:.0f}, ends {100 * (ms / best_ms - 1):.1f} % above the best,"
            f" goal {kept}: {chosen}"
        )
    env.close()


if __name__ == "__main__":
    main()
