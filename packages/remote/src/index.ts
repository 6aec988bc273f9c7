/** A machine on the other side of a link. */
export { createRemoteMachine } from './hub-end/create-remote-machine.ts';
export { createMachineService } from './node-end/machine-service.ts';
export type {
  AgentLoop,
  ChannelSink,
  MachineService,
  MachineServiceOptions,
  NodeAgentCall,
  NodeAgentOrder,
  NodeAgentRun,
  NodeAgentSink,
  RemoteChannel,
  RemoteMachine,
  RemoteMachineOptions,
  ServedRun,
} from './remote.types.ts';
