import { expect, it } from 'vitest'
import { LateServices } from './late-services.ts'

/** So many requests, one after another, each behind `ahead` others; every service ends `beyondMs` later than planned. */
function waited(ahead: number, beyondMs: (service: number) => number, requests = 64) {
  const late = new LateServices<{ readonly place: number }>()
  const queue: { readonly place: number }[] = []
  for (let place = 0; place < requests; place++) {
    const request = { place }
    queue.push(request)
    late.came(request)
    if (queue.length <= ahead) continue
    const [next] = queue.splice(0, 1)
    if (next !== undefined) late.leaves(next)
    late.ended(beyondMs(place))
  }
  return late
}

it('keeps free what all services took longer from the arrival of a request to its own end', () => {
  expect(waited(0, () => 2).reserveMs(1000)).toBe(2)
  // It came when two were ahead of it: with its own, three services of the time since.
  expect(waited(2, () => 2).reserveMs(1000)).toBe(6)
})

it('lets what is quicker make up for what is slower', () => {
  expect(waited(3, (service) => (service % 2 === 0 ? 5 : -5)).reserveMs(1000)).toBe(0)
})

it('counts a request that is given up by how late it would have been', () => {
  const late = new LateServices<object>()
  for (let time = 0; time < 16; time++) {
    const request = {}
    late.came(request)
    late.leaves(request)
    late.ended(30)
  }
  expect(late.reserveMs(1000)).toBe(30)
})

it('keeps free no more than half of the time that a request has, and nothing that never was late', () => {
  expect(waited(4, () => 100).reserveMs(150)).toBe(75)
  expect(waited(4, () => -1).reserveMs(150)).toBe(0)
})

it('forgets a hold-up once 256 more have been served', () => {
  expect(waited(4, (service) => (service === 0 ? 90 : 0), 40).reserveMs(1000)).toBe(0)
  expect(waited(4, (service) => (service === 10 ? 90 : 0), 40).reserveMs(1000)).toBe(90)
  expect(waited(4, (service) => (service === 10 ? 90 : 0), 400).reserveMs(1000)).toBe(0)
})
