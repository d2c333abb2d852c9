/** Pictures of request scheduling: every policy by node and load, and gains over slack-fit and over our rule in every workload. */
import * as Plot from '@observablehq/plot'
import { svgOf } from '../../src/report/chart.ts'
import type { Chart, Comparison } from '../report.ts'
import { distinct, grouped } from '../runs.ts'
import { OURS, REFERENCES, SLACK_FIT } from './measures.ts'
import { average, byNode, gainOf, pairsOf, type Score } from './scores.ts'
import { BEST_FIXED, BOUND } from './settings.ts'

const ROW_HEIGHT = 15
const OURS_COLOUR = '#0f766e'
const SOLVED_COLOUR = '#7c3aed'
const PUBLISHED_COLOUR = '#b45309'
const LEARNED_COLOUR = '#2563eb'
const BOUND_COLOUR = '#6b7280'
const FIXED_COLOUR = '#111827'

/** @param comparisons cells: node, policy, and which half of the workloads */
export function scoreChart(
  name: string,
  measure: string,
  comparisons: readonly Comparison[],
): Chart {
  const points = comparisons.flatMap(({ cell, ours, low, high }) => {
    const { node = '', policy = '', '': load } = cell
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
  const loads = distinct(points.map(({ load }) => load))
  const place = { fx: 'load', fy: 'node', y: 'policy' }
  return {
    name,
    caption: `${measure}: mean over workloads and seeds, the line from the lowest to the highest seed. Green: our rules. Orange: published ones. Purple: the solved decision process. Blue: learned ones. Grey: between these ends is what was possible, had every arrival been known. Black: the best fixed variant, chosen in hindsight.`,
    svg: svgOf(measure, {
      ...frameOf(policies, nodes),
      fx: { label: null, domain: loads, padding: 0.08 },
      x: { label: measure, grid: true, ticks: 4, nice: true },
      marks: [
        Plot.frame({ stroke: '#d1d5db' }),
        Plot.ruleY(points, { ...place, x1: 'low', x2: 'high', stroke: 'colour', strokeWidth: 2 }),
        Plot.dot(points, { ...place, x: 'ours', fill: 'colour', r: 3 }),
        notRun(
          loads.flatMap((load) =>
            emptyRows(
              points.filter((point) => point.load === load),
              policies,
              nodes,
            ).map((row) => ({ ...row, load })),
          ),
          place,
        ),
      ],
    }),
  }
}

/** Every policy against SlackFit, workload by workload. */
export function gainChart(name: string, scores: readonly Score[]): Chart {
  const rivals = distinct(scores.map(({ policy }) => policy)).filter(
    (policy) => policy !== SLACK_FIT && !policy.startsWith(BOUND),
  )
  return dotChart(name, SLACK_FIT, rivals, scores, colourOf)
}

const FAMILY_COLOURS: Readonly<Record<string, string>> = {
  steady: '#6b7280',
  burst: '#b45309',
  gamma: '#be185d',
  shapes: '#0f766e',
}

/** What learning gains over the rule, and what there was to gain. */
export function learningChart(name: string, scores: readonly Score[]): Chart {
  const rivals = distinct(scores.map(({ policy }) => policy)).filter(
    (policy) =>
      policy.startsWith('learned') || policy.startsWith(BOUND) || REFERENCES.includes(policy),
  )
  const chart = dotChart(name, OURS, rivals, scores, (_, family) => {
    return FAMILY_COLOURS[family] ?? BOUND_COLOUR
  })
  const families =
    'Grey: Poisson. Orange: bursts. Pink: gamma. Green: published shapes, never learned from.'
  return {
    ...chart,
    caption: `${chart.caption} ${families} clairvoyant: between its ends is what there was to gain.`,
  }
}

/** One dot for every workload, mean over the seeds. */
function dotChart(
  name: string,
  other: string,
  policies: readonly string[],
  scores: readonly Score[],
  colour: (policy: string, family: string) => string,
): Chart {
  const points = byNode(scores).flatMap(([node, ofNode]) =>
    policies.flatMap((policy) =>
      grouped(pairsOf(ofNode, policy, other), ({ own }) => own.scenario).map(
        ([workload, pairs]) => {
          const gain = average(pairs.map(gainOf))
          return {
            node: node.replaceAll(', ', '\n'),
            policy,
            gain,
            title: `${workload}: ${gain.toFixed(2)}`,
            colour: colour(policy, pairs[0]?.own.family ?? ''),
          }
        },
      ),
    ),
  )
  const measure = `points of effective accuracy above ${other}`
  const nodes = distinct(points.map(({ node }) => node))
  const row = { fy: 'node', y: 'policy' }
  return {
    name,
    caption: `${measure}: a dot for every workload, mean over the seeds. Right of the line is better than ${other}.`,
    svg: svgOf(measure, {
      ...frameOf(policies, nodes),
      x: { label: measure, grid: true, nice: true },
      marks: [
        Plot.frame({ stroke: '#d1d5db' }),
        Plot.ruleX([0]),
        Plot.dot(points, { ...row, x: 'gain', stroke: 'colour', title: 'title', r: 3 }),
        notRun(emptyRows(points, policies, nodes), row),
      ],
    }),
  }
}

interface Row {
  readonly node: string
  readonly policy: string
}

/** Of a policy that a node was not run with: adaptive-smdp is solved without batches. */
function emptyRows(
  points: readonly Row[],
  policies: readonly string[],
  nodes: readonly string[],
): Row[] {
  return nodes.flatMap((node) =>
    policies
      .map((policy) => ({ node, policy }))
      .filter((row) => !points.some((point) => point.node === node && point.policy === row.policy)),
  )
}

/** Says of an empty row why it is empty. */
function notRun(rows: readonly Row[], place: Plot.TextOptions): Plot.Markish {
  const text = { text: () => 'not run here', frameAnchor: 'left', textAnchor: 'start' } as const
  return Plot.text(rows, { ...place, ...text, dx: 6, fill: BOUND_COLOUR, fontSize: 10 })
}

function frameOf(policies: readonly string[], nodes: readonly string[]): Plot.PlotOptions {
  return {
    width: 1200,
    height: nodes.length * (policies.length * ROW_HEIGHT + 22) + 90,
    marginLeft: 170,
    marginRight: 80,
    marginTop: 30,
    marginBottom: 46,
    fy: { label: null, domain: [...nodes], padding: 0.06 },
    y: { label: null, domain: [...policies], tickSize: 0 },
  }
}

function colourOf(policy: string): string {
  if (policy.startsWith(BOUND)) return BOUND_COLOUR
  if (policy === BEST_FIXED) return FIXED_COLOUR
  if (policy.startsWith('uniform-fit') || policy === OURS) return OURS_COLOUR
  if (policy.startsWith('learned')) return LEARNED_COLOUR
  return policy.includes('smdp') ? SOLVED_COLOUR : PUBLISHED_COLOUR
}
