import Fastify from 'fastify'
import { afterEach, expect, it } from 'vitest'
import { addDecisionRelay, DecisionClient } from './decision-route.ts'

const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

/** A cloud that answers by device name, and an edge in front of it. */
async function edgeBeforeCloud() {
  const cloud = Fastify()
  cloud.get<{ Params: { device: string } }>('/v2/tierwise/decision/:device', (request, reply) => {
    const { device } = request.params
    if (device === 'unknown') return reply.code(404).send({ error: 'no decision yet' })
    if (device === 'endless') return reply.send('x'.repeat(100_000))
    if (device === 'slow') return new Promise(() => {})
    return reply.send({ device })
  })
  await cloud.listen({ port: 0, host: '127.0.0.1' })
  cleanUps.push(() => {
    cloud.server.closeAllConnections()
    return cloud.close()
  })
  const toCloud = new DecisionClient(cloud.listeningOrigin)
  cleanUps.push(() => toCloud.close())
  const edge = Fastify()
  addDecisionRelay(edge, toCloud, 200)
  await edge.listen({ port: 0, host: '127.0.0.1' })
  cleanUps.push(() => edge.close())
  const client = new DecisionClient(edge.listeningOrigin)
  cleanUps.push(() => client.close())
  return { cloud, client }
}

it('brings the cloud’s answer by way of the edge, whatever the device is called', async () => {
  const { client } = await edgeBeforeCloud()
  expect(await client.ask('device-1', 1000)).toEqual({ device: 'device-1' })
  expect(await client.ask('a/b ?é', 1000)).toEqual({ device: 'a/b ?é' })
})

it.each([
  ['unknown', 'no decision yet'],
  ['endless', 'answered 5'],
  ['slow', 'answered 5'],
])('says why there is no decision: %s', async (device, named) => {
  const { client } = await edgeBeforeCloud()
  await expect(client.ask(device, 1000)).rejects.toMatchObject({ status: 503 })
  await expect(client.ask(device, 1000)).rejects.toThrow(named)
})

it('waits no longer than it may, and says so when the cloud is gone', async () => {
  const { client, cloud } = await edgeBeforeCloud()
  await expect(client.ask('slow', 50)).rejects.toThrow('slow')
  cloud.server.closeAllConnections()
  await cloud.close()
  await expect(client.ask('device-1', 1000)).rejects.toThrow('is the cloud node running?')
})
