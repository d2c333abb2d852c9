import { expect, it } from 'vitest'
import { stateFolder } from './state-folder.ts'

const cloud = { name: 'cloud', brokerPort: 1883 }
const xdg = { XDG_STATE_HOME: '/xdg' }

it('is the one that is named', () => {
  expect(stateFolder({ ...cloud, state: '/mine' }, xdg)).toBe('/mine')
})

it('is else of the name and the broker, so that fleets do not mix', () => {
  expect(stateFolder(cloud, xdg)).toBe('/xdg/tierwise/cloud-1883')
  const broker = 'mqtt://me:secret@[::1]:1884'
  expect(stateFolder({ ...cloud, broker }, xdg)).toBe('/xdg/tierwise/cloud----1--1884')
  expect(stateFolder(cloud, {})).toMatch(/\.local\/state\/tierwise\/cloud-1883$/)
})

it('is none where the broker takes any free port', () => {
  expect(stateFolder({ ...cloud, brokerPort: 0 }, xdg)).toBeUndefined()
})
