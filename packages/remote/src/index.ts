/** A machine on the other side of a link. */
export { createRemoteMachine } from './hub-end/create-remote-machine.ts';
export { createMachineService } from './node-end/machine-service.ts';
export type {
  ChannelSink,
  MachineService,
  MachineServiceOptions,
  RemoteChannel,
  RemoteMachine,
  RemoteMachineOptions,
} from './remote.types.ts';
