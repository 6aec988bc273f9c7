/** Watches a call of which nobody knows yet where it runs: on `main`, until it begins on another node. */
import type { CallOutputSink } from '@navisai/machine';
import { mainNodeId } from '@navisai/protocol';
import type { CallPlaces, CallRef } from './call-places.ts';

export interface WatchParts {
  call: CallRef;
  calls: CallPlaces;
  watch(nodeId: string, sink: CallOutputSink): { close(): void };
}

export const watchAnywhere = ({ call, calls, watch }: WatchParts, sink: CallOutputSink): { close(): void } => {
  let isOnMain = true;
  let isClosed = false;
  const onMain = watch(mainNodeId, {
    onOutput: (chunk) => (isOnMain ? sink.onOutput(chunk) : undefined),
    onEnd: (end) => {
      if (!isOnMain) return;
      begun[Symbol.dispose]();
      sink.onEnd(end);
    },
  });
  let elsewhere: { close(): void } | undefined;
  const begun = calls.whenBegun(call, (nodeId) => {
    begun[Symbol.dispose]();
    if (nodeId === mainNodeId || isClosed) return;
    isOnMain = false;
    onMain.close();
    elsewhere = watch(nodeId, sink);
  });
  return {
    close() {
      isClosed = true;
      begun[Symbol.dispose]();
      onMain.close();
      elsewhere?.close();
    },
  };
};
