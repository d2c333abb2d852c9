/** Settings of `tierwise up`: a whole fleet on this machine. */
import { z } from 'zod'
import { SCENARIOS } from '../../fleet/scenarios.ts'
import { orchestrationSettings, servingSettings } from './fleet.ts'
import { addedMs, deviceGoals, integer, port, positive, waitMs, workMs } from './kinds.ts'
import { setting } from './setting.ts'

/** Table V (HL paper) as recovered by least squares: response time of one d0 request by tier, and what a weak link adds. */
const emulation = z.strictObject({
  timeScale: setting(
    "emulated milliseconds are the paper's times this; 0.16: six times faster than the paper's hardware",
    z.number().positive().max(1).default(0.16),
  ),
  endMs: setting(
    "one request of the most accurate variant on a device, in the paper's milliseconds",
    workMs.default(465),
  ),
  edgeMs: setting('the same on the edge', workMs.default(351)),
  cloudMs: setting('the same in the cloud', workMs.default(375)),
  weakDeviceMs: setting('added to an exchange of a device whose link is weak', addedMs.default(77)),
  weakEdgeMs: setting('added to every exchange through a weak edge', addedMs.default(6)),
})

/** One kind of device. */
const hardware = z.strictObject({
  /** An inference takes this many times `emulation.endMs`. */
  slowness: positive.default(1),
  /** How many variants fit, the smallest first; all when left out, 0: a client of edge and cloud. */
  smallest: integer(0).exactOptional(),
})

/** All settings of a fleet on one machine. */
export const upSettings = z.strictObject({
  devices: setting('devices of the fleet', integer(1, 32).default(5), '--devices <number>'),
  scenario: setting(
    'which links are weak (HL paper, Table IV)',
    z.enum(SCENARIOS).default('A'),
    '--scenario <name>',
  ),
  hardware: setting(
    'mixed: fast, small, slow and empty devices in turn; equal: as in the paper; or a list of { slowness, smallest }',
    z.union([z.enum(['mixed', 'equal']), z.array(hardware).min(1)]).default('mixed'),
    '--hardware <kind>',
  ),
  deviceGoal: setting(
    'lowest average accuracy in percent of the requests of single devices, beside the goal of the fleet, as device-1=88,device-2=80; when left out, none',
    deviceGoals.exactOptional(),
    '--device-goal <device=percent,...>',
  ),
  ...orchestrationSettings.shape,
  ...servingSettings.shape,
  port: setting(
    'of the web page and the cloud node; 0 takes a free one; when left out, 8000, or a free one where that is taken',
    port.exactOptional(),
    '--port <number>',
  ),
  pauseMs: setting(
    "rest of the applications between a round's last answer and the next round; when left out, what the slowest link needs",
    waitMs(0).exactOptional(),
  ),
  workers: z
    .strictObject({
      end: setting('ONNX Runtime workers of a device', integer(1, 64).default(1)),
      edge: setting('of the edge', integer(1, 64).default(2)),
      cloud: setting('of the cloud', integer(1, 64).default(4)),
    })
    .prefault({}),
  emulation: setting(
    'emulated speeds and links; false on real machines',
    z.union([emulation, z.literal(false)]).prefault({}),
  ),
})

/** As `up` gets them. */
export type UpSettings = z.infer<typeof upSettings>
/** One kind of device. */
export type Hardware = z.infer<typeof hardware>
/** What is emulated, where anything is. */
export type Emulation = z.infer<typeof emulation>

const common = orchestrationSettings.extend(servingSettings.shape)
/** What every node of the fleet is told as it is. */
export function commonPart(settings: UpSettings): z.infer<typeof common> {
  return common.parse(settings)
}
