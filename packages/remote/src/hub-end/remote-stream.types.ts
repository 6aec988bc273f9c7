/** What every stream of a remote machine has: a channel that is opened again on each connection, and frames that come on it. */
import type { BinaryFrame, NodeFrame } from '@navisai/protocol';
import type { HubConnection } from './hub-connection.ts';

export type StreamFrame = Extract<NodeFrame, { channel: number }>;

export interface RemoteStream {
  readonly channel: number;
  /** What may be under way without acknowledgement. */
  readonly windowBytes: number;
  /** A connection is there: continue from what was delivered. */
  open(connection: HubConnection): void;
  /** Throws Violation. */
  onOutput(frame: BinaryFrame): void;
  /** Throws Violation. */
  onFrame(frame: StreamFrame, bytes: Uint8Array | undefined): void;
}

/** More than this beyond its credit an honest node never sends. */
export const creditSlackBytes = 128 * 1024;
