import { expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { GoalLabels, type Label } from './goal-labels.ts'

it('knows a decision that met a goal to meet every lower one, and the reverse of what broke it', () => {
  const labels = new GoalLabels()
  expect(labels.observe(7, 85, 'met')).toBe(true)
  expect(labels.observe(7, 89, 'broken')).toBe(true)
  expect([0, 80, 85, 87, 89, 100].map((goal) => labels.label(7, goal))).toEqual([
    'met',
    'met',
    'met',
    undefined,
    'broken',
    'broken',
  ])
  expect(labels.label(8, 80)).toBeUndefined()
})

it('says whether it has learned anything', () => {
  const labels = new GoalLabels()
  labels.observe(1, 85, 'met')
  expect(labels.observe(1, 85, 'met')).toBe(false)
  expect(labels.observe(1, 80, 'met')).toBe(false)
  expect(labels.observe(1, 86, 'met')).toBe(true)
})

it('believes the newest observation where two contradict each other', () => {
  const labels = new GoalLabels()
  labels.observe(1, 85, 'met')
  expect(labels.observe(1, 80, 'broken')).toBe(true)
  expect(labels.label(1, 80)).toBe('broken')
  expect(labels.label(1, 79)).toBeUndefined()
  labels.observe(1, 89, 'met')
  expect(labels.label(1, 89)).toBe('met')
  expect(labels.label(1, 100)).toBeUndefined()
})

it('gives what a naive search of true accuracies gives', () => {
  const random = new Random(3)
  const accuracies = Array.from({ length: 12 }, () => 70 + 20 * random.uniform())
  const seen: [action: number, goal: number][] = []
  const labels = new GoalLabels()
  for (let step = 0; step < 200; step++) {
    const action = random.integer(12)
    const goal = 70 + random.integer(21)
    labels.observe(action, goal, accuracies[action] >= goal ? 'met' : 'broken')
    seen.push([action, goal])
    const asked = 70 + random.integer(21)
    const naive = new Map<number, Label>()
    for (const [other, accuracy] of accuracies.entries()) {
      const goals = seen.filter(([tried]) => tried === other).map(([, tried]) => tried)
      if (goals.some((tried) => accuracy >= tried && tried >= asked)) naive.set(other, 'met')
      if (goals.some((tried) => accuracy < tried && tried <= asked)) naive.set(other, 'broken')
    }
    expect(labels.at(asked)).toEqual(naive)
  }
})

it('forgets the decision tried first when there are too many', () => {
  const labels = new GoalLabels()
  for (let action = 0; action <= 20_000; action++) labels.observe(action, 80, 'met')
  expect(labels.label(0, 80)).toBeUndefined()
  expect(labels.at(80).size).toBe(20_000)
})

it('continues after restore', () => {
  const labels = new GoalLabels()
  labels.observe(5, 80, 'met')
  labels.observe(2, 89, 'broken')
  const restored = new GoalLabels()
  restored.observe(9, 10, 'met')
  restored.restore(structuredClone(labels.save()))
  expect([...restored.at(80)]).toEqual([[5, 'met']])
  expect([...restored.at(90)]).toEqual([[2, 'broken']])
  expect(restored.save()).toEqual(labels.save())
})
