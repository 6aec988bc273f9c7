/** The output of a command that ran on a terminal, as an answer shows it. */
import { maxInlineOutputBytes } from '@navisai/protocol';
import { readableText } from '../../plain-text/readable-text.ts';
import type { PtyHosts } from '../../pty-hosts.types.ts';
import { noOutput, showStream } from './output-text.ts';
import type { ShownOutput } from './output-text.ts';

export interface OutputRange {
  terminalId: string;
  from: number;
  to: number;
  callId: string;
  /** Applied to the readable text. */
  clean?: (text: string) => string;
}

export const showTerminalOutput = async (hosts: Pick<PtyHosts, 'read'>, range: OutputRange): Promise<ShownOutput> => {
  const { terminalId, from, to, callId, clean = (text) => text } = range;
  const totalBytes = Math.max(0, to - from);
  const half = maxInlineOutputBytes / 2;
  const isShort = totalBytes <= maxInlineOutputBytes;
  const head = await readRange(hosts, { terminalId, from, to: isShort ? to : from + half });
  const tail = isShort ? new Uint8Array() : await readRange(hosts, { terminalId, from: to - half, to });
  const render = (text: string): string => clean(readableText(text));
  const shown = showStream({ head, tail, totalBytes }, maxInlineOutputBytes, callId, render);
  return shown.output === '' ? { ...shown, output: noOutput } : shown;
};

/** What of the range is still retained, from its beginning on without a gap. */
export const readRange = async (
  hosts: Pick<PtyHosts, 'read'>,
  { terminalId, from, to }: { terminalId: string; from: number; to: number },
): Promise<Uint8Array> => {
  const pieces: Uint8Array[] = [];
  for (let at = from; at < to;) {
    const { offset, bytes } = await hosts.read(terminalId, at, to - at);
    if (offset !== at || bytes.length === 0) break;
    pieces.push(bytes);
    at += bytes.length;
  }
  return Buffer.concat(pieces);
};
