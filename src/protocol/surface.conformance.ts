/** Points of the protocol that REST and gRPC have in common. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { values } from './protocol-target.fixture.ts'
import type { PlainRequest, Surface } from './surfaces.fixture.ts'

/** @param open called once the server runs */
export function describeSurface(open: () => Surface): void {
  let surface: Surface
  beforeAll(() => {
    surface = open()
  })
  afterAll(() => surface?.close())
  describeModels(() => surface)
  describeAnswers(() => surface)
}

const NONE = 'no-such-model'

function describeModels(surface: () => Surface): void {
  it('1, 4 is live and ready, and says what it is', async () => {
    expect(await surface().live()).toMatchObject({ live: true })
    expect(await surface().ready()).toMatchObject({ ready: true })
    expect(await surface().serverMetadata()).toMatchObject({
      name: expect.any(String),
      extensions: expect.arrayContaining(['model_configuration', 'statistics']),
    })
  })

  it('4 describes the model, and its configuration', async () => {
    const { input, model, outputs } = surface().target
    const namesOf = (tensors: { name: string }[]) => tensors.map(({ name }) => name)
    expect(await surface().modelReady(model)).toMatchObject({ ready: true })
    const metadata = await surface().modelMetadata(model)
    expect(metadata.inputs).toMatchObject([{ name: input.name, datatype: 'FP32' }])
    expect(namesOf(metadata.outputs)).toEqual(outputs)
    const config = await surface().modelConfig(model)
    expect(config).toMatchObject({ name: model, platform: metadata.platform, max_batch_size: 0 })
    expect(config.input).toMatchObject([{ data_type: 'TYPE_FP32', dims: metadata.inputs[0].shape }])
    expect(namesOf(config.output)).toEqual(outputs)
  })

  it('lists it, counts what it does, and neither loads nor unloads it', async () => {
    const { model } = surface().target
    const ready = await surface().index(true)
    expect(ready).toContainEqual(expect.objectContaining({ name: model, state: 'READY' }))
    expect(await surface().index(false)).toEqual(ready)
    const [statistics] = await surface().statistics(model)
    expect(statistics).toMatchObject({ name: model, inference_stats: { success: {}, queue: {} } })
    for (const verb of ['load', 'unload'] as const) {
      expect(await surface().load(model, verb)).toBe('precondition')
      expect(await surface().load(NONE, verb)).toBe('not found')
    }
  })

  it('5, 17 knows no other model and no other version', async () => {
    const { model } = surface().target
    for (const answer of [
      await surface().modelReady(NONE),
      await surface().modelMetadata(NONE),
      await surface().modelConfig(NONE),
      await surface().statistics(NONE),
      await surface().infer({ ...asked(surface()), model: NONE }),
      await surface().modelReady(model, 'none'),
      await surface().modelMetadata(model, 'none'),
      await surface().infer({ ...asked(surface()), version: 'none' }),
    ]) {
      expect(answer).toBe('not found')
    }
  })
}

function describeAnswers(surface: () => Surface): void {
  it('6 echoes the id verbatim, and only when given', async () => {
    const id = ' x"é/1 '
    expect(await surface().infer({ ...asked(surface()), id })).toMatchObject({ id })
    expect(await surface().infer(asked(surface()))).not.toHaveProperty('id')
  })

  it('8 gives all outputs when none is named, else those named in the order named', async () => {
    const namesOf = async (outputs?: readonly string[]) => {
      const answer = await surface().infer({ ...asked(surface()), ...(outputs && { outputs }) })
      return answer.outputs?.map(({ name }: { name: string }) => name) ?? answer
    }
    const { outputs } = surface().target
    expect(await namesOf()).toEqual(outputs)
    expect(await namesOf(outputs.toReversed())).toEqual(outputs.toReversed())
    expect(await namesOf(['no such output'])).toBe('invalid')
  })

  it('9, 10, 11 refuses inputs that are not the model’s, and shapes that elements do not fill', async () => {
    const { inputs } = asked(surface())
    const [input] = inputs
    if (!input) throw new Error('the model has no input')
    const other = { ...input, name: 'no such input' }
    const data = input.data ?? []
    for (const wrong of [
      [],
      [other],
      [input, other],
      [input, input],
      [{ ...input, shape: [1] }],
      [{ ...input, shape: [-1] }],
      [{ ...input, shape: [2 ** 40, 2 ** 40] }],
      [{ ...input, data: data.slice(1) }],
      [{ ...input, data: [...data, 0] }],
      [{ ...input, datatype: 'INT32', data: data.map(() => 0) }],
      [{ ...input, datatype: 'FP31' }],
    ]) {
      expect(await surface().infer({ inputs: wrong })).toBe('invalid')
    }
  })

  it('20 takes any parameters and leaks no reserved one', async () => {
    const parameters = { note: 'x', level: 1, flag: true, binary_data_output: false }
    const answer = await surface().infer({ ...asked(surface()), parameters })
    expect(answer.outputs).toBeDefined()
    expect(answer.parameters ?? {}).not.toHaveProperty('binary_data_output')
  })
}

/** A valid request. */
function asked({ target: { input } }: Surface): PlainRequest {
  const { name, datatype, shape } = input
  return { inputs: [{ name, datatype, shape, data: values(input) }] }
}
