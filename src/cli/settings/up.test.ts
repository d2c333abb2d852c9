import { describe, expect, test } from 'vitest'
import { packageFile } from '../../package-files.ts'
import { readYaml } from '../../yaml.ts'
import { upSettings } from './up.ts'

describe('settings of up', () => {
  test('the example states the defaults', async () => {
    const { port, pauseMs, ...stated } = await readYaml(
      packageFile('examples/tierwise.yaml'),
      upSettings,
    )
    expect([port, pauseMs]).toEqual([8000, 8])
    expect(stated).toEqual(upSettings.parse({}))
  })

  test('an empty file means five emulated devices of mixed hardware', () => {
    const settings = upSettings.parse({})
    expect(settings).toMatchObject({
      devices: 5,
      scenario: 'A',
      hardware: 'mixed',
      agent: 'factored',
      revert: { to: 'safe', whenSlowerPercent: 100, rounds: 20 },
      exploration: {},
      mode: 'pushed',
    })
    expect(settings.workers).toEqual({ end: 1, edge: 2, cloud: 4 })
    expect(settings.emulation).toMatchObject({ timeScale: 0.16, endMs: 465 })
  })

  test('emulation is switched off by false, and unknown keys are refused', () => {
    expect(upSettings.parse({ emulation: false }).emulation).toBe(false)
    expect(upSettings.safeParse({ gaol: 85 }).success).toBe(false)
  })

  test('goals of devices are a mapping, or text', () => {
    const goals = { 'device-1': 88, 'device-3': 80.5 }
    for (const deviceGoal of [goals, 'device-1=88, device-3=80.5'])
      expect(upSettings.parse({ deviceGoal }).deviceGoal).toEqual(goals)
    for (const deviceGoal of ['device-1', 'device-1=', 'device-1=none', 'device-1=101', '88']) {
      const { error } = upSettings.safeParse({ deviceGoal })
      expect(error?.issues[0]?.message).toContain('such as device-1=88,device-2=80')
    }
  })

  test('what guards the agent can be set, and switched off', () => {
    const settings = upSettings.parse({
      shadow: 'hybrid',
      exploration: { budgetPercent: 4 },
      revert: { to: 'fixed:end/d4', whenSlowerPercent: false },
    })
    expect(settings).toMatchObject({
      shadow: 'hybrid',
      exploration: { budgetPercent: 4 },
      revert: { to: 'fixed:end/d4', whenSlowerPercent: false, rounds: 20 },
    })
    for (const wrong of [
      { exploration: { budgetPercent: 0 } },
      { exploration: { budget: 4 } },
      { revert: { rounds: 0 } },
      { revert: { whenSlowerPercent: -1 } },
    ]) {
      expect(upSettings.safeParse(wrong).success).toBe(false)
    }
  })
})
