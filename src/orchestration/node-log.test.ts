import { pino } from 'pino'
import { beforeEach, expect, it } from 'vitest'
import { telemetryOf } from './fake-fleet.fixture.ts'
import { NodeLog } from './node-log.ts'

let lines: { readonly level: number; readonly msg: string; readonly node: string }[]
let log: NodeLog

beforeEach(() => {
  lines = []
  log = new NodeLog(pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) }))
})

const said = () => lines.map(({ msg, node }) => `${msg}: ${node}`)

it('says once that a node is up, that it died, and that it is back', () => {
  log.heard(telemetryOf('edge', 'edge'))
  log.heard(telemetryOf('edge', 'edge'))
  log.heard({ alive: false, node: 'edge', tier: 'edge' })
  log.heard({ alive: false, node: 'edge', tier: 'edge' })
  expect(log.known.get('edge')).toEqual({ tier: 'edge', isUp: false })
  log.heard(telemetryOf('edge', 'edge'))
  expect(said()).toEqual(['node up: edge', 'node down: edge', 'node up: edge'])
  expect(lines.map(({ level }) => level)).toEqual([30, 40, 30])
})

it('tells a node that was stopped from one that died, and forgets it', () => {
  log.heard(telemetryOf('dev1', 'end'))
  log.heard({ alive: false, node: 'dev1', tier: 'end', stopped: true })
  expect(said()).toEqual(['node up: dev1', 'node stopped: dev1'])
  expect(log.known.size).toBe(0)
})

it('says why a silent node counts as dead', () => {
  log.heard(telemetryOf('dev1', 'end'))
  log.silent('dev1', 10_000)
  expect(lines.at(-1)).toMatchObject({ reason: 'nothing heard for 10000 ms: taken for dead' })
})

it('says nothing of nodes that were gone before it began', () => {
  log.heard({ alive: false, node: 'old', tier: 'end' })
  log.heard({ alive: false, node: 'older', tier: 'end', stopped: true })
  expect(lines).toEqual([])
})

it('remembers the 256 that died last', () => {
  for (let node = 0; node < 300; node++) {
    log.heard(telemetryOf(`n${node}`, 'end'))
    log.heard({ alive: false, node: `n${node}`, tier: 'end' })
  }
  log.heard(telemetryOf('alive', 'end'))
  expect(log.known.size).toBe(257)
  expect([...log.known.keys()].slice(0, 2)).toEqual(['n44', 'n45'])
})
