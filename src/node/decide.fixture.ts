/** For tests: an orchestrator that announces itself and decides. */
import type { ControlPlane } from '../control/control-plane.ts'
import type { DeviceDecision, OrchestratorNews } from '../control/messages.ts'

/** As the orchestrator in force. */
function newsOf({ session, epoch }: Pick<OrchestratorNews, 'session' | 'epoch'>): OrchestratorNews {
  return { session, epoch, goalPercent: 85, agent: 'scripted', answered: [] }
}

/** A decision of the orchestrator that announces itself with it. */
export async function decide(
  control: ControlPlane,
  decision: Omit<DeviceDecision, 'epoch'>,
): Promise<void> {
  const { session } = decision
  await control.publish('orchestrator', newsOf({ session, epoch: 1 }))
  await control.publish('decision', { ...decision, epoch: 1 })
}
