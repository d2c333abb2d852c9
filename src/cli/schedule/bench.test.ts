import { expect, it } from 'vitest'
import { type Cell, describeCells } from './bench.ts'

const cell = (policy: string, scenario: string, load: number, effective: number): Cell => {
  const violationPercent = policy === 'clairvoyant bound' ? null : 1
  const of = { policy, multiple: 2, scenario, load }
  return { ...of, effectiveAccuracyPercent: effective, violationPercent }
}

/** One row of a table as words. */
function row(text: string, policy: string): string[] {
  const line = text.split('\n').find((one) => one.startsWith(`${policy} `)) ?? ''
  return line.slice(policy.length).trim().split(/ {2,}/)
}

it('tells gains by workload, loads up to 1 apart from those above', () => {
  const cells = [
    ...[
      cell('slack-fit', 'a', 0.5, 60),
      cell('slack-fit', 'b', 1, 70),
      cell('slack-fit', 'c', 1, 50),
    ],
    ...[cell('own', 'a', 0.5, 61), cell('own', 'b', 1, 69.5), cell('own', 'c', 1, 53)],
    ...[cell('best fixed variant', 'a', 0.5, 62), cell('best fixed variant', 'b', 1, 65)],
    cell('best fixed variant', 'c', 1, 50),
    ...[
      cell('slack-fit', 'd', 4, 40),
      cell('own', 'd', 4, 45),
      cell('clairvoyant bound', 'd', 4, 46),
    ],
  ]
  const [light = '', heavy = ''] = describeCells(cells).split('\n\n')
  expect(light).toContain('deadline 2 × the largest service, load up to 1 (3 workloads)')
  // +1, −0.5, +3; −1, +4.5, +3.
  expect(row(light, 'own')).toEqual(['61.17', '1.00', '+1.00 (-0.50)', '+3.00 (-1.00)'])
  expect(row(light, 'slack-fit')).toEqual(['60.00', '1.00', '–', '+0.00 (-2.00)'])
  expect(heavy).toContain('load above 1 (1 workloads)')
  expect(row(heavy, 'own')).toEqual(['45.00', '1.00', '+5.00 (+5.00)', '–'])
  expect(row(heavy, 'clairvoyant bound')).toEqual(['46.00', '–', '+6.00 (+6.00)', '–'])
})
