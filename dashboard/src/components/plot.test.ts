import type UPlot from 'uplot'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  clockTime,
  isEmpty,
  type Mark,
  type PlotSpec,
  plotOptions,
  showNewest,
  sizeOf,
} from './plot.ts'

beforeEach(() => {
  vi.stubGlobal('document', { documentElement: {} })
  vi.stubGlobal('getComputedStyle', () => ({ getPropertyValue: (name: string) => ` ${name}! ` }))
  vi.stubGlobal('devicePixelRatio', 2)
})
afterEach(() => vi.unstubAllGlobals())

/** @param legendHeight undefined: there is no legend yet */
function holderOf(legendHeight?: number): HTMLElement {
  const legend = legendHeight === undefined ? null : { clientHeight: legendHeight }
  return {
    clientWidth: 600,
    clientHeight: 200,
    querySelector: () => legend,
  } as unknown as HTMLElement
}

const SPAN = { from: 100, to: 200 }
const onSelect = vi.fn()
const SPEC: PlotSpec = { unit: 'ms', series: [{ label: 'mean', color: '--mean' }], scale: {} }
const options = (spec: Partial<PlotSpec> = {}, marks: () => readonly Mark[] = () => []) =>
  plotOptions({ ...SPEC, ...spec }, holderOf(), { marks, span: () => SPAN, onSelect })

/** What a legend writes for a value of the n-th series; 0 is the time. */
function written(value: number | null, series = 1, unit = 'ms'): unknown {
  const write = options({ unit }).series[series]?.value
  return typeof write === 'function' ? write(undefined as never, value as never, series, 0) : write
}

test('the plot has what its legend leaves', () => {
  expect(sizeOf(holderOf())).toEqual({ width: 600, height: 200 })
  expect(sizeOf(holderOf(35))).toEqual({ width: 600, height: 165 })
  expect(options()).toMatchObject({ width: 600, height: 200 })
})

test('values have their unit and as many digits as they ask for', () => {
  expect([12, 12.34, 99.96, 123.4, 12345.6, -0.25].map((value) => written(value))).toEqual([
    '12 ms',
    '12.3 ms',
    '100 ms',
    '123 ms',
    '12\u202f346 ms',
    '-0.3 ms',
  ])
  expect(written(87.254, 1, '%')).toBe('87.25 %')
  expect([written(null), written(null, 0), written(7, 1, '')]).toEqual(['–', '–', '7'])
})

test('an axis has no numbers where nothing is drawn', () => {
  const onAxis = (...series: (number | null)[][]) => {
    const [, y] = options().axes ?? []
    const write = y?.values as (plot: { data: unknown }, splits: number[]) => string[]
    return write({ data: [[1, 2], ...series] }, [0, 1])
  }
  expect(onAxis([null, null], [null, null])).toEqual([])
  expect(onAxis([null, null], [null, 3])).toEqual(['0 ms', '1 ms'])
  expect([isEmpty([[]]), isEmpty([[1], [0]])]).toEqual([true, false])
})

test('a series is a line, dashed or not, or points alone', () => {
  const own = options({
    series: [
      { label: 'a', color: '--a' },
      { label: 'b', color: '--b', dashed: true, widthPx: 1 },
      { label: 'c', color: '--c', pointsOnly: true },
    ],
  }).series
  expect(own[1]).toMatchObject({ label: 'a', stroke: '--a!', width: 2, points: { show: false } })
  expect(own[1]).not.toHaveProperty('dash')
  expect(own[2]).toMatchObject({ width: 1, dash: [6, 4] })
  expect(own[3]).toMatchObject({ points: { show: true, fill: '--c!', stroke: '--c!' } })
  expect(own[1]).not.toHaveProperty('paths')
  expect(own[3]?.paths?.(undefined as never, 3, 0, 1)).toBeNull()
})

test('the axis spans what is asked for', () => {
  const range = options().scales?.['x']?.range
  if (typeof range !== 'function') throw new Error('the range is no function')
  expect(range(undefined as never, 0, 1, 'x')).toEqual([100, 200])
})

test('a time is told by the clock, without seconds that are none', () => {
  const noon = new Date(2026, 0, 1, 12, 0, 0).getTime() / 1000
  expect([noon, noon + 9].map(clockTime)).toEqual(['12:00', '12:00:09'])
})

test('times that an edge would cut are left out', () => {
  const values = options().axes?.[0]?.values
  if (typeof values !== 'function') throw new Error('the axis writes no values')
  const plot = { bbox: { width: 400 }, valToPos: (time: number) => time % 1000 }
  const times = [10, 30, 180, 195].map((x) => 1_767_000_000 + x)
  const written = values(plot as never, times, 0, 0, 0)
  expect(written.map((text) => text !== '')).toEqual([false, true, true, false])
})

test('a part that is dragged over is selected, a click is not', () => {
  const select = (width: number) => {
    const posToVal = (x: number) => 10 * x
    const plot = { select: { left: 4, width }, posToVal, setSelect: vi.fn() }
    for (const hook of [options().hooks?.setSelect ?? []].flat()) hook?.(plot as never)
  }
  select(3)
  expect(onSelect).not.toHaveBeenCalled()
  select(20)
  expect(onSelect).toHaveBeenCalledWith({ from: 40, to: 240 })
})

describe('the legend without a cursor', () => {
  const shown = (idx: number | null | undefined, rounds: readonly number[]) => {
    const setLegend = vi.fn()
    showNewest({ cursor: { idx }, data: [rounds], setLegend } as unknown as UPlot)
    return setLegend.mock.calls.flat()
  }

  test('is of the newest round', () => {
    expect(shown(null, [4, 5, 6])).toEqual([{ idx: 2 }])
    expect(shown(undefined, [4])).toEqual([{ idx: 0 }])
  })

  test('is of none where there is no round, and stays where the cursor is', () => {
    expect(shown(null, [])).toEqual([])
    expect(shown(0, [4, 5, 6])).toEqual([])
  })
})

test('marks are lines; labels that would be printed over each other, or beyond, are left out', () => {
  const labels: [text: string, x: number][] = []
  const lines: number[] = []
  const ctx = {
    save: () => {},
    restore: () => {},
    beginPath: () => {},
    stroke: () => {},
    setLineDash: () => {},
    measureText: (text: string) => ({ width: 10 * text.length }),
    moveTo: (x: number) => lines.push(x),
    lineTo: () => {},
    fillText: (text: string, x: number) => labels.push([text, x]),
  }
  const plot = {
    ctx,
    bbox: { left: 0, top: 0, width: 200, height: 100 },
    valToPos: (time: number) => 10 * time,
    scales: { x: { min: 3, max: 20 } },
  } as unknown as UPlot
  let marks: readonly Mark[] = []
  const draw = options({}, () => marks).hooks?.draw
  const redraw = (next: readonly Mark[]) => {
    marks = next
    for (const hook of [draw ?? []].flat()) hook?.(plot)
  }
  redraw([])
  expect(lines).toEqual([])
  redraw([
    { atMs: 2000, label: 'before the first' },
    { atMs: 3000, label: 'goal' },
    { atMs: 5000, label: 'over goal' },
    { atMs: 9000 },
    { atMs: 18_000, label: 'beyond' },
  ])
  expect(lines).toEqual([30, 50, 90, 180])
  expect(labels).toEqual([['goal', 38]])
})
