/** `tierwise access`: a fleet's authority, and the credentials that it makes and takes back. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import { ACL_BROKERS, type AclBroker, aclText, passwordText } from '../access/acl.ts'
import { Authority, type IdentityRecord, type Kind } from '../access/authority.ts'
import { PERSONAL_ROLES } from '../access/rights.ts'
import { rightsTables } from '../access/rights-table.ts'
import { ConfigError } from '../errors.ts'
import { TIERS } from '../fleet/placement.ts'
import { DAY_MS, parseNames, parseText, parseValidityMs } from './options.ts'
import { withSettings } from './settings/command.ts'
import { accessSettings } from './settings/commands.ts'
import { textTable } from './table.ts'

const USUAL_FOLDER = 'fleet'

/** `tierwise access` */
export function accessCommand(): Command {
  return new Command('access')
    .addCommand(initCommand())
    .addCommand(addCommand())
    .addCommand(rotateCommand())
    .addCommand(revokeCommand())
    .addCommand(listCommand())
    .addCommand(aclCommand())
    .addCommand(rightsCommand())
}

function initCommand(): Command {
  return new Command('init')
    .description('Make the authority of a new fleet. Who has its folder can make credentials.')
    .argument('[folder]', 'for the authority and all that it makes', parseText, USUAL_FOLDER)
    .action(async (folder: string) => {
      await Authority.init(folder, Date.now())
      say(
        `${folder}/authority.key makes credentials: keep it to yourself. Next: tierwise access add NAME --tier end|edge|cloud --authority ${folder}`,
      )
    })
}

interface Added {
  readonly tier?: string
  readonly role?: string
  readonly valid: number
  readonly address: readonly string[]
}

function addCommand(): Command {
  const command = new Command('add')
    .description(
      'Make a credential file for a machine, a person or an application, to be carried there. It cannot be had again: only new ones.',
    )
    .argument('<names...>', 'NAME, or NAME=TIER or NAME=ROLE for several at once')
    .addOption(new Option('--tier <tier>', 'of a node').choices(TIERS))
    .addOption(new Option('--role <role>', 'of anybody else').choices(PERSONAL_ROLES))
    .addOption(validOption())
    .option(
      '--address <names>',
      'host names and IP addresses that others reach the node at, beside its name and localhost',
      parseNames,
      [],
    )
  return withAuthority(command, async (authority) => {
    const [names] = command.processedArgs as [string[]]
    const { valid, ...others } = command.opts<Added>()
    for (const text of names) {
      const { name, kind } = added(text, others)
      const nowMs = Date.now()
      say(await authority.add(name, kind, nowMs + valid, nowMs))
    }
  })
}

/** @throws ConfigError where it is not said what somebody is, or said twice */
function added(
  text: string,
  { tier, role, address }: Omit<Added, 'valid'>,
): { name: string; kind: Kind } {
  const [name = '', ...own] = text.split('=')
  const [wanted, ...more] = [...own, tier, role].filter((one) => one !== undefined)
  const isTier = TIERS.find((one) => one === wanted)
  const isRole = PERSONAL_ROLES.find((one) => one === wanted)
  if (more.length === 0 && isTier) return { name, kind: { tier: isTier, addresses: address } }
  if (more.length === 0 && isRole && address.length === 0) return { name, kind: { role: isRole } }
  throw new ConfigError(
    `"${text}": write --tier ${TIERS.join('|')} for a node, --role ${PERSONAL_ROLES.join('|')} for anybody else (who has no address), or NAME=TIER or NAME=ROLE`,
  )
}

function rotateCommand(): Command {
  const command = new Command('rotate')
    .description('Make a new credential file in place of one that ends, is lost, or was seen.')
    .argument('<name>')
    .addOption(validOption())
    .addOption(
      new Option('--grace <time>', 'the old one holds so long: 0s, 12h, 7d')
        .argParser((text) => (/^0+[a-z]*$/.test(text) ? 0 : parseValidityMs(text)))
        .default(0, '0s'),
    )
  return withAuthority(command, async (authority) => {
    const [name] = command.processedArgs as [string]
    const { valid, grace } = command.opts<{ valid: number; grace: number }>()
    const nowMs = Date.now()
    say(await authority.rotate(name, nowMs + valid, grace, nowMs))
  })
}

function revokeCommand(): Command {
  const command = new Command('revoke')
    .description('Take back all credentials of a name. Running nodes know within seconds.')
    .argument('<name>')
  return withAuthority(command, async (authority) => {
    const [name] = command.processedArgs as [string]
    await authority.revoke(name, Date.now())
    say(
      `${name} is revoked. A cloud node elsewhere needs the new roster.json beside its credentials; it tells the others.`,
    )
  })
}

function listCommand(): Command {
  const command = new Command('list')
    .description('Everybody that the fleet knows, and until when.')
    .option('--json', 'as JSON')
  return withAuthority(command, (authority) => {
    const rows = authority.identities.map((record) => listed(record, Date.now()))
    if (command.opts<{ json?: true }>().json) say(JSON.stringify(rows, null, 2))
    else {
      const cells = rows.map(({ name, is, until, state }) => [name, is, until, state])
      say(textTable(['name', 'is', 'until', 'state'], cells))
    }
  })
}

function listed({ name, is, untilMs, revokedMs }: IdentityRecord, nowMs: number) {
  const state = revokedMs !== undefined ? 'revoked' : untilMs <= nowMs ? 'ended' : 'valid'
  const until = new Date(revokedMs ?? untilMs).toISOString().slice(0, 10)
  return { name, is: 'tier' in is ? `node (${is.tier})` : is.role, until, state }
}

function aclCommand(): Command {
  const command = new Command('acl')
    .description('The same rights, for another broker than the embedded one.')
    .addOption(
      new Option('--for <broker>', 'which broker').choices(ACL_BROKERS).makeOptionMandatory(),
    )
    .option('--passwords', 'its list of names and hashed passwords instead')
  return withAuthority(command, (authority) => {
    const { for: broker, passwords } = command.opts<{ for: AclBroker; passwords?: true }>()
    const text = (passwords ? passwordText : aclText)(broker, authority.identities, Date.now())
    if (text !== undefined) process.stdout.write(text)
    else throw new ConfigError(`${broker} takes no hash of ours: let nodes log in by certificate`)
  })
}

function rightsCommand(): Command {
  return new Command('rights')
    .description('Who may do what: the table that nodes and the broker enforce, as Markdown.')
    .action(() => void process.stdout.write(rightsTables()))
}

function validOption(): Option {
  return new Option('--valid <time>', 'how long they hold: 12h, 365d')
    .argParser(parseValidityMs)
    .default(365 * DAY_MS, '365d')
}

function withAuthority(
  command: Command,
  act: (authority: Authority) => Promise<void> | void,
): Command {
  return withSettings(command, accessSettings, async ({ authority: folder }) => {
    await act(await Authority.open(folder ?? folderNearby()))
  })
}

/** This folder, where it is an authority's; else the only one in it that is. @throws ConfigError where there are several */
function folderNearby(): string {
  if (existsSync('authority.key')) return '.'
  const found = readdirSync('.', { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(entry.name, 'authority.key')))
    .map(({ name }) => name)
  if (found.length < 2) return found[0] ?? USUAL_FOLDER
  throw new ConfigError(
    `there are several authorities here, ${found.join(', ')}: name one by --authority`,
  )
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
