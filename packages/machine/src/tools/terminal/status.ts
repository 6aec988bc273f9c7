/** The action `status` (T21, T30). */
import { maxInlineOutputBytes, statusLines } from '@navisai/protocol';
import type { TerminalCall, TerminalInfo, ToolResult } from '@navisai/protocol';
import { decodeRange } from '../../plain-text/decode-range.ts';
import { shortForDisplay } from '../../plain-text/escape-for-display.ts';
import { readableText } from '../../plain-text/readable-text.ts';
import type { TerminalRecord } from '../../pty-hosts.types.ts';
import { succeeded } from './call-result.ts';
import type { Invocation, TerminalContext } from './terminal-context.types.ts';
import { durationInWords, statusInWords } from './terminal-info.ts';
import { prepareWait, waited, waitInCall, waitInWords } from './wait-in-call.ts';

type StatusCall = Extract<TerminalCall, { action: 'status' }>;

/** Without `from`, a pattern is also looked for in the lines that the answer shows; they lie in this much output. */
const shownBytes = 16 * 1024;
const newline = 0x0a;
const maxShownCommand = 1000;

export const terminalStatus = async (
  context: TerminalContext,
  invocation: Invocation,
  call: StatusCall,
): Promise<ToolResult> => {
  const prepared = prepareWait(call.wait_for);
  const { sessionId } = invocation.request;
  const found = context.names.find({ sessionId, name: call.terminal_name });
  if (prepared === undefined) {
    const { output, metadata } = await describe(context, found, call);
    return succeeded(output, metadata);
  }
  const from = call.from ?? (await startOfShownLines(context, found, call.lines ?? statusLines.default));
  const outcome = await waitInCall(context, invocation, { record: found, prepared, from });
  const record = context.names.find({ sessionId, name: call.terminal_name });
  const { output, metadata } = await describe(context, record, call);
  return waited(outcome, `${waitInWords(outcome)}\n${output}`, metadata);
};

const startOfShownLines = async (
  { hosts }: TerminalContext,
  { terminalId, endOffset }: TerminalRecord,
  lines: number,
): Promise<number> => {
  const { offset, bytes } = await hosts.read(terminalId, Math.max(0, endOffset - shownBytes), shownBytes);
  let start = bytes.length;
  for (let count = 0; count <= lines && start > 0; count += 1) start = bytes.lastIndexOf(newline, start - 1);
  // Nothing may have come yet.
  return offset + Math.min(Math.max(0, start + 1), bytes.length);
};

interface Description {
  output: string;
  metadata: Record<string, unknown>;
}

const describe = async (context: TerminalContext, record: TerminalRecord, call: StatusCall): Promise<Description> => {
  const shown =
    call.from === undefined ? await lastLines(context, record, call) : await fromOffset(context, record, call.from);
  const terminal = context.info(context.hosts.get(record.terminalId) ?? record);
  const cwd = await currentDirectory(context, record);
  const output = [...factLines(terminal, cwd), shown.heading, shown.text].join('\n');
  const { exitCode, signal } = terminal;
  const ended = terminal.status === 'idle' ? { exit_code: exitCode, signal } : {};
  const metadata = {
    terminal,
    cwd,
    next_offset: shown.nextOffset,
    first_offset: terminal.firstOffset,
    ...shown.metadata,
    ...ended,
  };
  return { output, metadata };
};

interface ShownText {
  heading: string;
  text: string;
  nextOffset: number;
  metadata: Record<string, unknown>;
}

const lastLines = async ({ hosts }: TerminalContext, record: TerminalRecord, call: StatusCall): Promise<ShownText> => {
  // Read first: what comes between is shown twice rather than never.
  const { endOffset } = await hosts.read(record.terminalId, Number.MAX_SAFE_INTEGER, 0);
  const lines = await hosts.lastLines(record.terminalId, call.lines ?? statusLines.default);
  const heading = lines.length === 0 ? '--- no output yet ---' : `--- last ${lines.length} lines ---`;
  return { heading, text: lines.join('\n'), nextOffset: endOffset, metadata: { lines } };
};

const fromOffset = async ({ hosts }: TerminalContext, record: TerminalRecord, from: number): Promise<ShownText> => {
  const read = await hosts.read(record.terminalId, from, maxInlineOutputBytes);
  const nextOffset = read.offset + read.bytes.length;
  const text = decodeRange(read.bytes, { start: true, end: nextOffset < read.endOffset });
  const more = nextOffset < read.endOffset ? `, ${read.endOffset - nextOffset} bytes follow` : '';
  const gone = read.offset > from ? `, ${read.offset - from} bytes before are no longer kept` : '';
  const heading = `--- output from ${read.offset} to ${nextOffset}${more}${gone} ---`;
  return { heading, text: readableText(text), nextOffset, metadata: { truncated: nextOffset < read.endOffset } };
};

/** Follows `cd` of the program in the foreground; `null` once nothing runs. */
const currentDirectory = async ({ hosts, table }: TerminalContext, record: TerminalRecord): Promise<string | null> => {
  if (record.exit !== null) return null;
  const foreground = await hosts.foreground(record.terminalId).catch(() => null);
  return foreground?.cwd ?? table.cwd(record.pid);
};

const factLines = (terminal: TerminalInfo, cwd: string | null): string[] => [
  `terminal: ${terminal.name} (${shortForDisplay(terminal.description, maxShownCommand)})`,
  `command: ${shortForDisplay(terminal.command, maxShownCommand)}`,
  `status: ${statusInWords(terminal)}`,
  `pid: ${terminal.pid}`,
  `node: ${terminal.nodeId}`,
  ...(cwd === null ? [] : [`cwd: ${shortForDisplay(cwd, maxShownCommand)}`]),
  `uptime: ${durationInWords(terminal.uptime)}`,
  `last activity: ${terminal.lastActivityAt}`,
];
