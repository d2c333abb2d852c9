/** Whether the goal can be kept, and whether the agents that are named can act. */
import { messageOf } from '../../errors.ts'
import { type Choice, mostAccurate } from '../../fleet/choice.ts'
import { hundredthsOf, meetsGoal } from '../../fleet/goal.ts'
import { isOwnAgent } from '../../learning/agents/names.ts'
import { goalProblem } from '../../orchestration/check-orchestration.ts'
import type { Catalogue } from '../../serving/models/catalogue.ts'
import { builtCatalogue } from '../models-on-disk.ts'
import { choicesFor, fleetChoices, orchestrationOf, usualGoalPercent } from '../orchestration.ts'
import type { Examined, Finding } from './finding.ts'

/** Of the cloud node, which has both; of a device its floor and its own goal. */
export async function goalFindings(settings: Examined): Promise<Finding[]> {
  // That it cannot be read has a finding of its own.
  const built = await builtCatalogue(settings.catalogue).catch(() => undefined)
  if (built === undefined || settings.tier === 'edge') return []
  if (settings.tier === 'end') return ofDevice(settings, built.catalogue)
  try {
    return await ofFleet(settings, fleetChoices(built.catalogue, settings.remoteVariants))
  } catch (error) {
    const remedy = `--remote-variants with some of ${built.catalogue.variants.map(({ name }) => name).join(',')}`
    return [{ about: 'goal', state: 'wrong', finding: messageOf(error), remedy }]
  }
}

async function ofFleet(settings: Examined, choices: readonly Choice[]): Promise<Finding[]> {
  const usual = usualGoalPercent(choices)
  const { goal = usual, agent, shadow } = settings
  const unreachable = goalProblem(choices, goal)
  const best = hundredthsOf(mostAccurate(choices).accuracyPercent) / 100
  const goalFinding: Finding = unreachable
    ? {
        about: 'goal',
        state: 'wrong',
        finding: unreachable,
        remedy: `--goal ${best}, or less; or a more accurate variant: tierwise models add FILE`,
      }
    : {
        about: 'goal',
        state: 'well',
        finding: `${goal} % can be kept: the most accurate choice has ${best} %`,
      }
  const findings = [goalFinding]
  for (const spec of shadow === undefined ? [agent] : [agent, shadow]) {
    findings.push(
      await agentFinding(spec, { ...settings, goal: unreachable ? usual : goal }, choices),
    )
  }
  return findings
}

async function agentFinding(
  agent: string,
  settings: Examined,
  choices: readonly Choice[],
): Promise<Finding> {
  const { shadow: _, ...alone } = settings
  // What is set for the acting agent is no fault of a shadow.
  const own =
    agent === settings.agent
      ? {}
      : { exploration: {}, labels: { measuredOn: settings.labels.measuredOn } }
  try {
    await orchestrationOf(
      { ...alone, ...own, agent },
      choicesFor([settings.agent, settings.shadow], choices, settings.devices),
    )
    return { about: 'agent', state: 'well', finding: `${agent} can act` }
  } catch (error) {
    const remedy = remedyOf(agent, agent === settings.agent ? '--agent' : '--shadow')
    return { about: 'agent', state: 'wrong', finding: messageOf(error), remedy }
  }
}

function remedyOf(agent: string, flag: string): string {
  if (isOwnAgent(agent)) return `tierwise check-agent ${agent}`
  return agent === 'factored' ? 'leave the setting that is named' : `${flag} factored`
}

function ofDevice(
  { floor, deviceGoal }: Pick<Examined, 'floor' | 'deviceGoal'>,
  { variants }: Catalogue,
): Finding[] {
  const best = hundredthsOf(mostAccurate(variants).accuracyPercent) / 100
  const asked = [
    ['--floor', floor],
    ['--device-goal', deviceGoal],
  ] as const
  return asked.flatMap(([flag, percent]): Finding[] => {
    if (percent === undefined) return []
    if (meetsGoal([best], percent)) {
      return [{ about: 'goal', state: 'well', finding: `${flag} ${percent} % can be kept` }]
    }
    const finding = `${flag} ${percent} % cannot be kept: the most accurate variant has ${best} %`
    return [{ about: 'goal', state: 'wrong', finding, remedy: `${flag} ${best}, or less` }]
  })
}
