/** What an answer shows of an output: all of it, or its beginning and end with a marker between them (T3). */
import { maxInlineOutputBytes } from '@navisai/protocol';
import { decodeRange } from '../../plain-text/decode-range.ts';

/** Bytes of a stream: `head` and `tail` adjoin when they hold all of it. */
export interface StreamBytes {
  head: Uint8Array;
  tail: Uint8Array;
  totalBytes: number;
}

export interface ShownOutput {
  output: string;
  truncated: boolean;
}

const heading = '[stderr]\n';
export const noOutput = '(no output)';

export const showStreams = (streams: { stdout: StreamBytes; stderr: StreamBytes }, callId: string): ShownOutput => {
  const { stdout, stderr } = streams;
  const budget = shareBudget(stdout.totalBytes, stderr.totalBytes);
  const shownStdout = showStream(stdout, budget.stdout, callId);
  const shownStderr = showStream(stderr, budget.stderr, callId);
  const truncated = shownStdout.truncated || shownStderr.truncated;
  if (stderr.totalBytes === 0) return { output: shownStdout.output || noOutput, truncated };
  const separator = shownStdout.output === '' || shownStdout.output.endsWith('\n') ? '' : '\n';
  return { output: `${shownStdout.output}${separator}${heading}${shownStderr.output}`, truncated };
};

/** A short stream is shown whole; the other gets what is left, and at least a quarter. */
const shareBudget = (stdoutBytes: number, stderrBytes: number): { stdout: number; stderr: number } => {
  if (stdoutBytes + stderrBytes <= maxInlineOutputBytes) return { stdout: stdoutBytes, stderr: stderrBytes };
  const least = maxInlineOutputBytes / 4;
  const stderr = Math.min(stderrBytes, Math.max(least, maxInlineOutputBytes - stdoutBytes));
  return { stdout: maxInlineOutputBytes - stderr, stderr };
};

/** `render` makes text of terminal bytes readable. */
export const showStream = (
  stream: StreamBytes,
  maxBytes: number,
  callId: string,
  render: (text: string) => string = (text) => text,
): ShownOutput => {
  const { head, tail, totalBytes } = stream;
  const isWhole = head.length + tail.length >= totalBytes;
  if (isWhole && totalBytes <= maxBytes) {
    const whole = tail.length === 0 ? head : Buffer.concat([head, tail]);
    return { output: render(decodeRange(whole, { start: false, end: false })), truncated: false };
  }
  const available = isWhole ? Buffer.concat([head, tail]) : null;
  const half = Math.floor(maxBytes / 2);
  const shownHead = (available ?? head).subarray(0, half);
  const shownTail = lastBytes(available ?? tail, half);
  const leftOut = totalBytes - shownHead.length - shownTail.length;
  const before = render(decodeRange(shownHead, { start: false, end: true }));
  const after = render(decodeRange(shownTail, { start: true, end: false }));
  return { output: `${before}${marker(leftOut, callId)}${after}`, truncated: true };
};

const lastBytes = (bytes: Uint8Array, count: number): Uint8Array => bytes.subarray(Math.max(0, bytes.length - count));

const marker = (leftOut: number, callId: string): string =>
  `\n[… ${leftOut} bytes left out; the whole output: navis://output/${callId} …]\n`;
