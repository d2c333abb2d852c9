/** A fleet of processes on this machine, any of which may be killed and started again. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { interruption } from '../../src/cli/interrupts.ts'
import { builtCatalogue } from '../../src/cli/models-on-disk.ts'
import { FASHION } from '../../src/cli/settings/kinds.ts'
import { upSettings } from '../../src/cli/settings/up.ts'
import { type FleetSettings, fleetSettings } from '../../src/cli/up/fleet-settings.ts'
import { encodeInferRequest } from '../../src/protocol/codec.ts'
import type { WireBody } from '../../src/protocol/messages.ts'
import type { Catalogue } from '../../src/serving/models/catalogue.ts'
import { loadPictures } from '../../src/serving/shipped-pictures.ts'
import { startNodeProcess, stop } from '../fleet.ts'

const DEVICES = 3
/** What Ctrl-C before the first result comes to. */
export const ENDED_EARLY = 'ended before the fleet was up'
const PICTURES = 16

/** Cloud (orchestrator and broker), edge and devices, with the models that are served by default and nothing emulated. */
export class KillableFleet {
  readonly catalogue: Catalogue
  /** Requests as they travel. */
  readonly wires: readonly WireBody[]
  private readonly settings: FleetSettings
  private readonly folder: string
  private readonly processes = new Map<string, ChildProcess>()

  private constructor(
    catalogue: Catalogue,
    wires: readonly WireBody[],
    settings: FleetSettings,
    folder: string,
  ) {
    this.catalogue = catalogue
    this.wires = wires
    this.settings = settings
    this.folder = folder
  }

  /** Resolves when all models are warm. @throws TierwiseError of code `interrupted` when the signal aborts before */
  static async start(signal: AbortSignal): Promise<KillableFleet> {
    const say = (text: string) => process.stderr.write(`${text}\n`)
    const { file, catalogue } = await builtCatalogue(FASHION, say)
    const pictures = (await loadPictures(catalogue)).slice(0, PICTURES)
    const wires = pictures.map((picture) =>
      encodeInferRequest({ inputs: [picture] }, { binary: true }),
    )
    const folder = mkdtempSync(join(tmpdir(), 'tierwise-kill-'))
    const [goal] = goalsOf(catalogue)
    const settings = upSettings.parse({
      ...{ devices: DEVICES, goal, port: 0, hardware: 'equal', emulation: false },
      // What is reverted here is so because it was asked for.
      revert: { whenSlowerPercent: false },
    })
    const { variants } = catalogue
    const parts = { catalogue: file, variants, realMs: {}, folder }
    const fleet = new KillableFleet(catalogue, wires, await fleetSettings(settings, parts), folder)
    try {
      for (const name of fleet.names) {
        if (signal.aborted) throw interruption(ENDED_EARLY)
        await fleet.start(name)
      }
      return fleet
    } catch (error) {
      await fleet.stop()
      throw error
    }
  }

  /** The cloud first. */
  get names(): string[] {
    return this.settings.nodes.map(({ name }) => name)
  }

  /** That cost something: the fastest variant alone keeps none of them. The first is that of the start. */
  get goalsPercent(): readonly number[] {
    return goalsOf(this.catalogue)
  }

  get brokerUrl(): string {
    return this.settings.brokerUrl
  }

  /** Where applications send their requests. */
  get applications(): FleetSettings['applications'] {
    return this.settings.applications
  }

  /** Starts a node that does not run. Resolves when its models are warm. */
  async start(name: string): Promise<void> {
    const settings = this.settings.nodes.find((node) => node.name === name)
    if (settings === undefined) throw new Error(`there is no node ${name}`)
    this.processes.set(name, await startNodeProcess(settings))
  }

  /** At once, as by `kill -9`. Resolves when the process is gone. */
  async kill(name: string): Promise<void> {
    const child = this.processes.get(name)
    if (child === undefined) return
    this.processes.delete(name)
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }

  /** Resident memory of a node that runs. */
  residentMiB(name: string): number {
    const status = readFileSync(`/proc/${this.processes.get(name)?.pid}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024
  }

  async stop(): Promise<void> {
    // Devices first, so that they can say goodbye to the broker.
    for (const child of [...this.processes.values()].reverse()) await stop(child)
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Between the least accurate variant and the most accurate. */
const GOAL_SHARES = [0.4, 0.65, 0.85]

function goalsOf({ variants }: Catalogue): number[] {
  const accuracies = variants.map(({ accuracyPercent }) => accuracyPercent)
  const [least, most] = [Math.min(...accuracies), Math.max(...accuracies)]
  return GOAL_SHARES.map((share) => Number((least + share * (most - least)).toFixed(1)))
}
