/** What the report says of how it was made. */
import { FIRST_REPORTED_SEED, SETS, TUNING_BUDGET } from './worlds/sets.ts'

const { tuning, reported } = SETS

function listed(names: readonly string[]): string {
  return names.join(', ')
}

export const METHOD: readonly string[] = [
  'Worlds, noise and changes were written without sight of any agent’s constants, and share no number with them or with the other simulators. After every round the greedy decision, and every decision taken, is judged by its true, noise-free average response time.',
  `Tuning and reporting are disjoint. Laws for tuning: ${listed(tuning.laws)}; reported: ${listed(reported.laws)}. Noise for tuning: ${listed(tuning.noises)}; reported: ${listed(reported.noises)}. Changes for tuning: × 3, × 1/3; reported: × 2, × 4, × 1/4. Seeds for tuning are below ${FIRST_REPORTED_SEED.toLocaleString('en')}, those reported from it on. Where nothing is said of noise it is normal, 8 %, in both. The budget of tuning is the same for hybrid, dqn and bandit: at most ${TUNING_BUDGET.configurations} configurations of each, on at most ${TUNING_BUDGET.seeds} seeds of the tuning worlds.`,
  'Fleets: 5 users with one edge, 20 with three, drawn anew with every seed: ladders of 4 to 9 variants with names and accuracies of their own, sizes and precisions told of half of them; local times by a roofline of 2 or 3 kinds of hardware, or free, which follow no size; links that differ by device, by tier and by direction; one variant at edge and cloud or two.',
  'Laws are of how a shared node slows with its users. In the last two reported ones, and in swapping, more matters than their number: who they are, what they run, or what a neighbour does. There the best decision is found by trying all (5 users); elsewhere it is planned, and proven.',
  'The paper’s fleet: its variants have other names and stand in another order. fitted: as the other experiments have it. drawn: with every seed another one within the standard errors of the fit to Table V (a request alone at the edge ± 31 ms, at the cloud ± 32 ms, a weak device’s surcharge ± 14 ms), and with any sharing between the least that Table V allows and today’s.',
  'Goals: none; middle, the median of the ladder’s accuracies; high, the average of its best two. A cell has runs of all three.',
  'Profiles: what devices tell of their own times before the first round. exact, or off by a factor within ± 30 %, one for each device, or one for each device and variant.',
  'Noise, of average 1: normal; lognormal; Pareto, of which nothing is quicker than 0.55 of the average; AR(1), lognormal with a correlation of 0.9 from response to response of a device; common, one factor for all devices of a round; a tail at the cloud alone, where one response in 20 takes 6 times as long as the others.',
  'Changes: after 200 rounds an edge, the cloud, one device or all devices become slower or quicker, which no state tells, and stay so for 400 more. Only worlds count in which the best decision of before is then more than 5 % above the best; slow-downs are of what the best decision used, speed-ups of what it did not use. Rounds are counted from the change.',
  'Settled: the greedy decision is within 1, 2 or 5 % of the best, and stays so to the end: of 300 rounds in the paper’s fleet and where agents are compared, 400 under the laws, 600 for noise and after changes. A run that does not counts as infinitely many rounds. In the notes stands what comes of asking it of 95 % of the checks from there on.',
  'Cells have ten seeds by default, runs 300 to 1,500 rounds, so that all of it takes well under 40 minutes on two cores: fleets are small and runs short, seeds are not saved on.',
  'Interquartile means (IQM), 95th percentiles (p95), means and their 95 % bootstrap intervals; each goal is resampled by itself.',
  'Agents: factored, hybrid, dqn with as many updates, bandit and the best fixed strategy, with 5 users, at most ten seeds, one goal a seed in turn. The best fixed strategy learns nothing: all devices do the same, whatever is truly the quickest and meets the goal, chosen by one who knows the fleet. The bandit has a weight for each number of users at the edge and at the cloud, so with one edge it can express every law but those that interact: there its form is wrong.',
  'Claims were set before anything was measured. A cell with fewer than ten runs, or an infinite number in one, fails its claim.',
]
