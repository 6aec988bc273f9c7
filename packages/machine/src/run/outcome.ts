/** A run-host's answer as the outcome of its call. */
import type { RunOutcome } from '../machine.types.ts';
import type { RunAnswer, StreamLengths } from './run-protocol.types.ts';

export const outcomeOf = ({ result, payload }: { result: RunAnswer; payload: Buffer }): RunOutcome => {
  const { stdout, stderr, ...facts } = result;
  const outputEnd = stdout.headBytes + stdout.tailBytes;
  return {
    ...facts,
    stdout: ends(stdout, payload.subarray(0, outputEnd)),
    stderr: ends(stderr, payload.subarray(outputEnd)),
  };
};

const ends = ({ headBytes, tailBytes, totalBytes }: StreamLengths, bytes: Buffer): RunOutcome['stdout'] => ({
  head: bytes.subarray(0, headBytes),
  tail: bytes.subarray(headBytes, headBytes + tailBytes),
  totalBytes,
});
