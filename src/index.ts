/** What a program may use of Tierwise; `docs/library.md` shows how. Everything else is internal and may change. */

// A fleet that serves and learns.
export type { NodeCredentials } from './access/credentials.ts'
export type { Gate } from './access/gate.ts'
export { type NodeAccess, openNodeAccess } from './access/node-access.ts'
export type { Identity, Role } from './access/rights.ts'
export type { Roster } from './access/roster.ts'
export type { Statement } from './access/statement.ts'
export type { ClientTls } from './client-tls.ts'
export { type Clock, systemClock, type Timers } from './clock.ts'
export {
  type Broker,
  type BrokerOptions,
  startBroker,
  type UpgradeCheck,
} from './control/broker.ts'
export type { BrokerDoor, BrokerLogin, BrokerPass } from './control/broker-door.ts'
export type { BrokerLimits } from './control/broker-limits.ts'
export type { ClientOptions } from './control/control-client.ts'
export type { ControlPlane } from './control/control-plane.ts'
export type * from './control/messages.ts'
export { connectControlPlane, type MqttOptions } from './control/mqtt-control-plane.ts'
export type * from './control/telemetry-message.ts'
export * from './errors.ts'
export {
  type Cascade,
  type Choice,
  choicesOf,
  type Escalation,
  formatChoice,
  type Precision,
  type VariantFacts,
} from './fleet/choice.ts'
export { accuraciesOf, averageAccuracyPercent, meetsGoal } from './fleet/goal.ts'
export {
  formatPlacement,
  type Placement,
  parsePlacement,
  TIERS,
  type Tier,
} from './fleet/placement.ts'
export { SCENARIOS, type Scenario } from './fleet/scenarios.ts'
export type { FleetState, ResourceState } from './fleet/state.ts'
// Agents, and what they see.
export type {
  Agent,
  Drift,
  Explanation,
  LearningProgress,
  Prediction,
} from './learning/agents/agent.ts'
export {
  bestDecision,
  type Profile,
  parseProfile,
} from './learning/agents/baselines/oracle.ts'
export type { BestDecision } from './learning/agents/baselines/oracle-search.ts'
export type { Alternative, BestFixed } from './learning/agents/beliefs.ts'
export { type CreateAgentOptions, createAgent } from './learning/agents/create.ts'
export type { Feedback, Mode } from './learning/agents/hybrid-options.ts'
export { type InteractOptions, interact } from './learning/agents/interact.ts'
export type { Line, TracedLine } from './learning/agents/line-trace.ts'
export { AGENT_NAMES } from './learning/agents/names.ts'
export type { Overrides } from './learning/agents/overrides.ts'
export type { CreateOwnAgent, OwnAgent, OwnAgentOptions } from './learning/agents/own-agent.ts'
export { loadOwnAgents } from './learning/agents/own-agent-files.ts'
export type { Regime } from './learning/agents/regime.ts'
export type * from './learning/environment/environment.ts'
export type { Pace } from './learning/model/structured/watch.ts'
export type { Engine, ScoreAll } from './learning/nn/engine.ts'
export type { NetworkShape, ParameterViews } from './learning/nn/network.ts'
export type { Feeds, Loss, Optimiser, Training, Vectors } from './learning/nn/training.ts'
// Planning a fleet whose times are known.
export { plan } from './learning/planner/plan.ts'
export type * from './learning/planner/problem.ts'
export type { Thresholds } from './monitoring/discretise.ts'
export type { LinkConditions } from './node/link-proxy.ts'
export { startNode } from './node/node.ts'
export type {
  EmulatedLinks,
  NodeOptions,
  RunningNode,
  StartNodeOptions,
} from './node/node-options.ts'
export type {
  Attributes,
  ConstantData,
  Dimension,
  ElementType,
  Graph,
  GraphBuilder,
  OperatorOptions,
} from './onnx/graph-builder.ts'
export type * from './orchestration/agent-messages.ts'
export type { AgentThread, AgentThreadEvents } from './orchestration/agent-thread.ts'
export type { BoardCounts, NewestRound } from './orchestration/decision-board.ts'
export type { Served } from './orchestration/goal-governor.ts'
export type { KnownNode } from './orchestration/node-log.ts'
export type {
  Orchestrator,
  OrchestratorOptions,
  StartOrchestratorOptions,
} from './orchestration/orchestrator-options.ts'
export type { GoalInForce } from './orchestration/promises.ts'
export type { Reason, Reasons } from './orchestration/reasons.ts'
export type { SlownessOptions } from './orchestration/slowness.ts'
export { startOrchestrator } from './orchestration/start-orchestrator.ts'
export {
  type ForwardedAnswer,
  InferenceClient,
  type InferenceClientOptions,
  type ModelVersion,
} from './protocol/client.ts'
export type * from './protocol/messages.ts'
export type { ServerBounds } from './protocol/server-bounds.ts'
export { TimeLimit } from './protocol/time-limit.ts'
export { Random } from './random.ts'
// The scheduler of one node, live and simulated.
export type { Action, ActionSpace } from './scheduling/action.ts'
export type { Forecast } from './scheduling/arrival-forecast.ts'
export type { Congestion } from './scheduling/congestion.ts'
export { createLadder, type Ladder, type LadderVariant } from './scheduling/ladder.ts'
export type { LoadLimitOptions } from './scheduling/load-limit.ts'
export { canServe, isAllowed, largestBatch, type Observation } from './scheduling/observation.ts'
export { createPolicy, POLICY_NAMES } from './scheduling/policies/create.ts'
export type { QueuedRequest, ServiceOrder } from './scheduling/request-queue.ts'
export type { SchedulerOptions } from './scheduling/scheduler.ts'
export { type SchedulingPolicy, stateless } from './scheduling/scheduling-policy.ts'
export { ServiceTimes, type ServiceTimesOptions } from './scheduling/service-times.ts'
export type { DropReason, Tally } from './scheduling/tally.ts'
export type { Dilation, EmulatedSpeed } from './serving/backends/backend.ts'
export type { ModelOnServer } from './serving/backends/remote/model-server.ts'
export type { SchedulingOptions } from './serving/intelligent-service.ts'
export { type BuildOptions, buildModels } from './serving/models/build-models.ts'
export {
  type Catalogue,
  FASHION_CATALOGUE,
  loadCatalogue,
  type ReadOptions,
  type Variant,
} from './serving/models/catalogue.ts'
export {
  type RateKnowledge,
  requestsOf,
  type ServingNodeOptions,
  type Settled,
  type SimulatedRequest,
} from './simulation/node/serving-node.ts'
export type { SimulateNodeOptions } from './simulation/node/simulate-node.ts'
export { type SimulatedNode, simulateNode } from './simulation/node/simulate-node.ts'
export type { Noise, NoiseRun } from './simulation/noise.ts'
export {
  type EnvironmentOptions,
  SimulatedEnvironment,
  type SimulationOptions,
  type WorldSimulationOptions,
} from './simulation/simulated-environment.ts'
export type { Wander } from './simulation/wander.ts'
export type { OwnTime, World, WorldTimes } from './simulation/world.ts'
export type { Delivery } from './simulation/worlds/paper-world.ts'
export { DEFAULT_CHOICES, type PaperFleet } from './simulation/worlds/paper-world.ts'
export type { Disk } from './storage/disk.ts'
