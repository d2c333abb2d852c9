/** Pictures of request scheduling: every policy by node and load, and its gain over slack-fit in every workload. */
import * as Plot from '@observablehq/plot'
import { svgOf } from '../chart.ts'
import type { Chart, Comparison } from '../experiment.ts'
import { byScenario, SLACK_FIT } from './measures.ts'
import { BOUND } from './run.ts'
import { distinct, pairsOf, type Score } from './scores.ts'

const ROW_HEIGHT = 15
/** So far behind that it would squeeze the others together: it is in the tables. */
const LEFT_OUT = 'largest'
const OURS_COLOUR = '#0f766e'
const SOLVED_COLOUR = '#7c3aed'
const PUBLISHED_COLOUR = '#b45309'
const LEARNED_COLOUR = '#2563eb'
const BOUND_COLOUR = '#6b7280'

/** @param comparisons cells: node, policy, load */
export function scoreChart(
  name: string,
  measure: string,
  comparisons: readonly Comparison[],
): Chart {
  const points = comparisons.flatMap(({ cell, ours, low, high }) => {
    const { node = '', policy = '', load } = cell
    if (policy === LEFT_OUT) return []
    return {
      node: node.replaceAll(', ', '\n'),
      policy,
      load,
      ours,
      low,
      high,
      colour: colourOf(policy),
    }
  })
  const policies = distinct(points.map(({ policy }) => policy))
  const nodes = distinct(points.map(({ node }) => node))
  const place = { fx: 'load', fy: 'node', y: 'policy' }
  return {
    name,
    caption: `${measure}: mean over workloads and seeds, the line from the lowest to the highest seed. Green: our rules. Orange: published ones. Purple: the solved decision process. Blue: learned ones. Grey: what was possible, had every arrival been known. largest is left out, far behind all.`,
    svg: svgOf(measure, {
      ...frameOf(policies, nodes),
      fx: { label: null, domain: distinct(points.map(({ load }) => load)), padding: 0.08 },
      x: { label: measure, grid: true, ticks: 4, nice: true },
      marks: [
        Plot.frame({ stroke: '#d1d5db' }),
        Plot.ruleY(points, { ...place, x1: 'low', x2: 'high', stroke: 'colour', strokeWidth: 2 }),
        Plot.dot(points, { ...place, x: 'ours', fill: 'colour', r: 3 }),
      ],
    }),
  }
}

/** One dot for every workload. */
export function gainChart(scores: readonly Score[]): Chart {
  const rivals = distinct(scores.map(({ policy }) => policy)).filter(
    (policy) => ![SLACK_FIT, BOUND, LEFT_OUT].includes(policy),
  )
  const nodes = distinct(scores.map(({ node }) => node))
  const points = nodes.flatMap((node) => {
    const own = scores.filter((score) => score.node === node)
    return rivals.flatMap((policy) =>
      byScenario(pairsOf(own, policy, SLACK_FIT)).map(([workload, gain]) => {
        const title = `${workload}: ${gain.toFixed(2)}`
        return { node: node.replaceAll(', ', '\n'), policy, gain, title, colour: colourOf(policy) }
      }),
    )
  })
  const measure = 'points of effective accuracy above slack-fit'
  return {
    name: 'gain',
    caption: `${measure}: a dot for every workload, mean over the seeds. Right of the line is better than slack-fit.`,
    svg: svgOf(measure, {
      ...frameOf(rivals, distinct(points.map(({ node }) => node))),
      x: { label: measure, grid: true, nice: true },
      marks: [
        Plot.frame({ stroke: '#d1d5db' }),
        Plot.ruleX([0]),
        Plot.dot(points, {
          fy: 'node',
          y: 'policy',
          x: 'gain',
          stroke: 'colour',
          title: 'title',
          r: 3,
        }),
      ],
    }),
  }
}

function frameOf(policies: readonly string[], nodes: readonly string[]): Plot.PlotOptions {
  return {
    width: 1200,
    height: nodes.length * (policies.length * ROW_HEIGHT + 22) + 90,
    marginLeft: 150,
    marginRight: 80,
    marginTop: 30,
    marginBottom: 46,
    fy: { label: null, domain: [...nodes], padding: 0.06 },
    y: { label: null, domain: [...policies], tickSize: 0 },
    color: { type: 'identity' },
  }
}

function colourOf(policy: string): string {
  if (policy === BOUND) return BOUND_COLOUR
  if (policy.startsWith('uniform-fit')) return OURS_COLOUR
  if (policy.startsWith('learned')) return LEARNED_COLOUR
  return policy.includes('smdp') ? SOLVED_COLOUR : PUBLISHED_COLOUR
}
