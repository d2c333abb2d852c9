import { describe, expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { drawArrivals } from './rate-segments.ts'
import { steady } from './shapes.ts'
import { formatTrace, parseTrace, TRACE_FORMATS, type TraceFormat } from './trace-file.ts'

const arrivalsOf = (text: string, format: TraceFormat) =>
  parseTrace(text, format).map(({ arrivalMs }) => arrivalMs)

describe('parseTrace', () => {
  it('reads one arrival time a line, in seconds', () => {
    const text = '# recorded today\n0\n0.5\r\n\n 1.25 \n1.25'
    expect(arrivalsOf(text, 'arrival-times')).toEqual([0, 500, 1250, 1250])
  })

  it('reads the intervals of perf_analyzer, in microseconds', () => {
    expect(arrivalsOf('1000\n500\n0\n2500\n', 'intervals')).toEqual([1, 1.5, 1.5, 4])
  })

  it('reads what sets a request apart: deadline, priority, accuracy', () => {
    expect(parseTrace('0.5\n0.6 12.5\n0.7\t40 1\n0.8 40 0 63', 'arrival-times')).toEqual([
      { arrivalMs: 500, deadlineMs: undefined, priority: undefined, minAccuracyPercent: undefined },
      { arrivalMs: 600, deadlineMs: 12.5, priority: undefined, minAccuracyPercent: undefined },
      { arrivalMs: 700, deadlineMs: 40, priority: 1, minAccuracyPercent: undefined },
      { arrivalMs: 800, deadlineMs: 40, priority: 0, minAccuracyPercent: 63 },
    ])
  })

  it.each([
    ['1 20 0 60 9', 'arrival-times', 'line 1: 5 numbers'],
    ['1 0', 'arrival-times', 'line 1: deadline 0 ms is not above 0'],
    ['1 20 high', 'arrival-times', 'line 1: "high" is not a number'],
    ['0\n1\n0.5', 'arrival-times', 'line 3: arrival at 0.5 s, before the line above'],
    ['0\nsoon', 'arrival-times', 'line 2: "soon" is not a number'],
    ['-1', 'arrival-times', 'line 1: "-1"'],
    ['1,5', 'arrival-times', 'line 1: "1,5"'],
    ['5\n-5', 'intervals', 'line 2: "-5"'],
    ['Infinity', 'intervals', 'line 1: "Infinity"'],
    ['', 'arrival-times', 'holds no arrival'],
    ['# nothing\n\n', 'intervals', 'holds no arrival'],
  ] as const)('refuses %j as %s', (text, format, message) => {
    expect(() => parseTrace(text, format)).toThrow(message)
  })
})

describe('formatTrace', () => {
  it('writes what other tools read', () => {
    const arrivalsMs = Float64Array.of(0.5, 2, 1000.1234)
    expect(formatTrace(arrivalsMs, 'arrival-times')).toBe('0.000500\n0.002000\n1.000123\n')
    expect(formatTrace(arrivalsMs, 'intervals')).toBe('500\n1500\n998123\n')
  })

  it.each(TRACE_FORMATS)(
    'comes back to the microsecond as %s, after a thousand requests too',
    (format) => {
      const arrivalsMs = drawArrivals(steady(1000, 1000), new Random(1))
      const back = arrivalsOf(formatTrace(arrivalsMs, format), format)
      expect(back).toHaveLength(arrivalsMs.length)
      for (const [index, arrivalMs] of back.entries()) {
        expect(Math.abs(arrivalMs - arrivalsMs[index])).toBeLessThan(0.00051)
      }
    },
  )
})
