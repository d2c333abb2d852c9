/** What a program may use of Tierwise. Everything else is internal and may change. */
export { type NodeAccess, openNodeAccess } from './access/node-access.ts'
export { type Clock, systemClock } from './clock.ts'
export type { ControlPlane } from './control/control-plane.ts'
export type {
  AnswerReport,
  DeviceDecision,
  Goal,
  JointDecision,
  Telemetry,
} from './control/messages.ts'
export { connectControlPlane, type MqttOptions } from './control/mqtt-control-plane.ts'
export * from './errors.ts'
export type { Choice } from './fleet/choice.ts'
export {
  formatPlacement,
  type Placement,
  parsePlacement,
  TIERS,
  type Tier,
} from './fleet/placement.ts'
export type { Agent, LearningProgress } from './learning/agents/agent.ts'
export { bestDecision, type Profile, parseProfile } from './learning/agents/baselines/oracle.ts'
export { type CreateAgentOptions, createAgent } from './learning/agents/create.ts'
export { type InteractOptions, interact } from './learning/agents/interact.ts'
export type {
  Decision,
  Environment,
  Outcome,
  Problem,
  State,
  Transition,
} from './learning/environment/environment.ts'
export { plan } from './learning/planner/plan.ts'
export type { Plan, PlanningProblem, PlanOptions } from './learning/planner/problem.ts'
export { startNode } from './node/node.ts'
export type { NodeOptions, RunningNode } from './node/node-options.ts'
export { startOrchestrator } from './orchestration/orchestrator.ts'
export type { Orchestrator, OrchestratorOptions } from './orchestration/orchestrator-options.ts'
export { InferenceClient, type InferenceClientOptions } from './protocol/client.ts'
export type {
  Datatype,
  InferRequest,
  InferResponse,
  ModelMetadata,
  Tensor,
} from './protocol/messages.ts'
export { Random } from './random.ts'
export {
  IntelligentService,
  type IntelligentServiceOptions,
} from './serving/intelligent-service.ts'
export { buildModels } from './serving/models/build-models.ts'
export { type Catalogue, loadCatalogue, type Variant } from './serving/models/catalogue.ts'
export { SimulatedEnvironment, type SimulationOptions } from './simulation/simulated-environment.ts'
