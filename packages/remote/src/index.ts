/** A machine on the other side of a link. */
export type {
  ChannelSink,
  MachineService,
  MachineServiceOptions,
  RemoteChannel,
  RemoteMachine,
  RemoteMachineOptions,
} from './remote.types.ts';
