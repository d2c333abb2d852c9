/** `tierwise schema`: what files and messages may hold, for editors and programs (JSON Schema) and for people (Markdown). */
import { Argument, Command } from 'commander'
import { z } from 'zod'
import { schemas } from '../control/messages.ts'
import { catalogueSchema } from '../serving/models/catalogue-schema.ts'
import { fleetSchema } from './plan/fleet-file.ts'
import { ladderSchema } from './schedule/ladder-file.ts'
import { configurationTables } from './settings/configuration-tables.ts'
import { nodeSettings } from './settings/node.ts'
import { settingsOf } from './settings/setting.ts'
import { upSettings } from './settings/up.ts'

/** The YAML files that Tierwise reads, and its messages. */
export const SCHEMA_FILES = ['up', 'node', 'catalogue', 'fleet', 'ladder', 'messages'] as const

type SchemaFile = (typeof SCHEMA_FILES)[number]

const SCHEMAS: Readonly<Record<SchemaFile, z.ZodObject>> = {
  up: upSettings,
  node: nodeSettings,
  catalogue: catalogueSchema,
  fleet: fleetSchema,
  ladder: ladderSchema,
  // One key for each kind of message.
  messages: z.object(schemas).partial(),
}

/** JSON Schema of what people write into a file; the words of `--help` are its descriptions. */
export function jsonSchemaOf(file: SchemaFile): object {
  const schema = SCHEMAS[file]
  const about = new Map<z.core.$ZodType, string | undefined>(
    settingsOf(schema).map((setting) => [setting.schema, setting.about]),
  )
  return z.toJSONSchema(schema, {
    io: 'input',
    // What is checked by code alone (a transform, a preprocess) allows everything here.
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      const text = about.get(zodSchema)
      if (text !== undefined) jsonSchema.description = text
    },
  })
}

/** The command. */
export function schemaCommand(): Command {
  const command = new Command('schema')
    .addArgument(new Argument('[file]', 'which').choices(SCHEMA_FILES).default('up'))
    .option('--markdown', 'all settings of up and node as tables instead')
    .addHelpText('after', '\nExample:\n  tierwise schema catalogue > catalogue.schema.json')
  return command.action((file: SchemaFile) => {
    const text = command.opts<{ markdown?: true }>().markdown
      ? configurationTables()
      : `${JSON.stringify(jsonSchemaOf(file), undefined, 2)}\n`
    process.stdout.write(text)
  })
}
