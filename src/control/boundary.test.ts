import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { Boundary } from './boundary.ts'

describe('boundary', () => {
  it('counts what is thrown and what rejects, logs each kind once a minute, and goes on', async () => {
    let nowMs = 0
    const lines: object[] = []
    const logger = pino({}, { write: (line: string) => lines.push(JSON.parse(line)) })
    const boundary = new Boundary({ nowMs: () => nowMs }, logger)
    const fail = () => {
      throw new Error('broken')
    }
    for (let time = 0; time < 3; time++) boundary.run('a goal', fail)
    boundary.run('a decision', () => Promise.reject(new Error('later')))
    boundary.run('a decision', () => Promise.resolve())
    await new Promise((resolve) => setImmediate(resolve))
    expect(boundary.failures).toBe(4)
    expect(lines).toMatchObject([
      { what: 'a goal', failures: 1, err: { message: 'broken' } },
      { what: 'a decision', failures: 4, err: { message: 'later' } },
    ])
    nowMs = 60_000
    boundary.run('a goal', fail)
    expect(lines).toHaveLength(3)
  })
})
