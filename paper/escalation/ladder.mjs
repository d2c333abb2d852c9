// Writes ladder.json from a catalogue that `tierwise models evaluate` measured, and the times of `tierwise profile --json`:
//   node paper/escalation/ladder.mjs models/fashion/catalogue.yaml profile.json > paper/escalation/ladder.json
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

const [catalogueFile, profileFile] = process.argv.slice(2)
const { variants, cascades } = parse(readFileSync(catalogueFile, 'utf8'))
const rows = JSON.parse(readFileSync(profileFile, 'utf8'))
const timeOf = (name) => rows.find(({ variant }) => variant === name).p50Ms
const ladder = {
  variants: variants.map(({ name, accuracyPercent, precision, megaMacs }) => {
    const inferenceMicroseconds = Math.round(1000 * timeOf(name))
    return { name, accuracyPercent, precision, megaMacs, inferenceMicroseconds }
  }),
  cascades,
}
process.stdout.write(`${JSON.stringify(ladder)}\n`)
