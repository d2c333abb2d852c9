/** The `tierwise` program: its commands, what each does, and how it is loaded. */
import { Command } from 'commander'
import { packageVersion } from '../package-files.ts'
import { refuseUnknownVariables } from './settings/environment.ts'

interface NamedCommand {
  readonly name: string
  /** Its first sentence stands in the help of the program. */
  readonly says: string
  /** A node of a fleet need not wait for what only other commands use, and help waits for none. */
  readonly load: () => Promise<Command>
}

const COMMANDS: readonly NamedCommand[] = [
  {
    name: 'up',
    says: 'Start devices, an edge and a cloud on this machine, send requests, and learn where each runs best.',
    load: async () => (await import('./up.ts')).upCommand(),
  },
  {
    name: 'node',
    says: 'Run one node: a device (end), an edge or the cloud. The cloud node also holds the orchestrator, the broker and the live page: it alone reads goal, agent, profile, shadow, exploration, revert, seed, devices, state and checkpoint.',
    load: async () => (await import('./node.ts')).nodeCommand(),
  },
  {
    name: 'access',
    says: 'Who a fleet knows: make, list, renew and take back credentials.',
    load: async () => (await import('./access.ts')).accessCommand(),
  },
  {
    name: 'infer',
    says: 'Send one picture through a device (or any Open Inference Protocol server) and print the answer. A Tierwise node is sent the file as it is and says the labels itself; any other server the tensor that --catalogue describes.',
    load: async () => (await import('./infer.ts')).inferCommand(),
  },
  {
    name: 'goal',
    says: 'Show what a running fleet does, or change its goal, that of one device, its agent or what exploring may cost: a change that is printed holds, also when the cloud node dies.',
    load: async () => (await import('./goal.ts')).goalCommand(),
  },
  {
    name: 'revert',
    says: 'Put a running fleet under its fixed rule at once (revert.to in its settings), until `tierwise resume`.',
    load: async () => (await import('./goal.ts')).revertCommand(),
  },
  {
    name: 'resume',
    says: 'Let the agent of a running fleet go on after a revert.',
    load: async () => (await import('./goal.ts')).resumeCommand(),
  },
  {
    name: 'models',
    says: 'Build, list, check, add and evaluate models.',
    load: async () => (await import('./models.ts')).modelsCommand(),
  },
  {
    name: 'plan',
    says: 'Plan where each device of a measured fleet runs which variant: lowest average response time that meets the goal, with a lower bound.',
    load: async () => (await import('./plan.ts')).planCommand(),
  },
  {
    name: 'profile',
    says: 'Measure response time and memory of every variant on this machine, and mark those that another beats on both speed and accuracy.',
    load: async () => (await import('./profile.ts')).profileCommand(),
  },
  {
    name: 'conformance',
    says: 'Hold any server against the numbered points of the Open Inference Protocol v2, over REST and gRPC: Triton, KServe, OpenVINO Model Server, MLServer, or a Tierwise node. It only infers zeros and asks what is wrong; nothing on the server is changed. Exit code 1 where a point fails.',
    load: async () => (await import('./conformance.ts')).conformanceCommand(),
  },
  {
    name: 'bench',
    says: 'Drive a live node with a burst of requests with deadlines, under several scheduling policies in turn, and put what they made of it beside what the simulator says. Nothing is emulated but what --slowdown asks for.',
    load: async () => (await import('./bench.ts')).benchCommand(),
  },
  {
    name: 'schedule',
    says: 'Simulate which model variant serves each request of one node: your variants, your load, your deadline.',
    load: async () => (await import('./schedule.ts')).scheduleCommand(),
  },
  {
    name: 'simulate',
    says: 'Let one agent learn in the simulator until it has converged; Ctrl-C ends it and prints what there is.',
    load: async () => (await import('./simulate.ts')).simulateCommand(),
  },
  {
    name: 'check-agent',
    says: 'Hold your own agent against what every agent promises, and see which small worlds it solves. A broken promise is exit status 1.',
    load: async () => (await import('./check-agent.ts')).checkAgentCommand(),
  },
  {
    name: 'environment',
    says: 'Speak lines of JSON in the words of Gymnasium (spaces, reset, step, close), so that agents in any language learn in the simulated fleet. The reward is the average response time in ms, negative.',
    load: async () => (await import('./environment.ts')).environmentCommand(),
  },
  {
    name: 'reproduce',
    says: 'Run experiments of the papers and write reports (HTML, SVG, CSV, JSON) that put our numbers beside theirs.',
    load: async () => (await import('./reproduce.ts')).reproduceCommand(),
  },
  {
    name: 'doctor',
    says: 'Examine this machine and what a node of it would meet: versions, memory, models, goal, agent, state folder, credentials, ports, broker, links, clocks. It takes the settings of `tierwise node` and starts nothing. What is wrong is exit status 1.',
    load: async () => (await import('./doctor.ts')).doctorCommand(),
  },
  {
    name: 'completion',
    says: 'Print a script that completes commands, options and their values in your shell.',
    load: async () =>
      (await import('./completion.ts')).completionCommand(() => programOf(COMMANDS)),
  },
  {
    name: 'schema',
    says: 'What a YAML file may hold, as JSON Schema: settings of up or node, a catalogue, the fleet of plan, the ladder of schedule; or the messages of the control plane. Editors complete and check a file that begins with "# yaml-language-server: $schema=FILE".',
    load: async () => (await import('./schema.ts')).schemaCommand(),
  },
]

/** The program with the command that is named in the arguments; where none is, with the names and words of all. */
export async function programFor(args: readonly string[]): Promise<Command> {
  const word = args.find((arg) => !arg.startsWith('-') && arg !== 'help')
  const named = COMMANDS.filter(({ name }) => name === word)
  if (named.length > 0) return programOf(named)
  const program = bareProgram()
  for (const { name, says } of COMMANDS) program.command(name).description(says)
  return program
}

async function programOf(commands: readonly NamedCommand[]): Promise<Command> {
  const program = bareProgram()
  for (const { says, load } of commands) {
    program.addCommand((await load()).description(says).copyInheritedSettings(program))
  }
  return program
}

function bareProgram(): Command {
  return new Command('tierwise')
    .description(
      'Decides where each inference request of a fleet runs and which model variant serves it, and learns it while running.',
    )
    .version(String(packageVersion()), '-v, --version')
    .showHelpAfterError('(add --help for what is possible)')
    .configureHelp({ subcommandDescription: firstSentence })
    .exitOverride()
    .hook('preAction', () => refuseUnknownVariables(process.env))
}

function firstSentence(command: Command): string {
  return command.description().split(/(?<=\.) /)[0] ?? ''
}
