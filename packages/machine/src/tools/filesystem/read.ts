/** The action `read`: a file, a part of it, or the stored output of a call (T3). */
import { maxFileReadBytes, NavisError } from '@navisai/protocol';
import type { ToolMetadata, ToolResult } from '@navisai/protocol';
import { decodeRange, wholeCharacters } from '../../plain-text/decode-range.ts';
import { succeeded } from '../terminal/call-result.ts';
import { fileError, refused } from './file-errors.ts';
import { readLines } from './read-lines.ts';
import { modeOf, openRegularFile, readRange, sha256Of, versionOf } from './regular-file.ts';
import type { OpenFile } from './regular-file.ts';
import { hasBom, isText, lineEndingOf } from './text.ts';
import type { CallOf, FileWork } from './work.types.ts';

type ReadCall = CallOf<'read'>;

const outputAddress = /^navis:\/\/output\/([A-Za-z0-9_-]{1,64})$/;

export const readFile = async (work: FileWork, call: ReadCall): Promise<ToolResult> => {
  if (call.path.startsWith('navis:')) return readOutput(work, call);
  await using place = await work.files.place({ given: call.path, access: 'read' });
  try {
    await using file = await openRegularFile(place);
    const facts = {
      path: place.realPath,
      size_bytes: Number(file.stats.size),
      mode: modeOf(file.stats).toString(8),
      version: versionOf(file.stats),
    };
    if (call.unit === 'lines') {
      const { text, metadata } = await readLines(file.handle, {
        from: call.from ?? 1,
        limit: call.limit,
        path: place.realPath,
        check: () => work.files.check(),
      });
      return succeeded(text, { ...facts, ...metadata });
    }
    return await readBytes(file, call, facts);
  } catch (error) {
    throw fileError(error, call.path);
  }
};

const readBytes = async ({ handle, stats }: OpenFile, call: ReadCall, facts: ToolMetadata): Promise<ToolResult> => {
  const { from = 0, encoding } = call;
  const maxBytes = Math.min(call.limit ?? maxFileReadBytes, maxFileReadBytes);
  // One byte more tells whether something follows; the sizes of kernel files say nothing.
  const read = await readRange(handle, from, maxBytes + 1);
  const follows = read.length > maxBytes;
  const bytes = read.subarray(0, maxBytes);
  const isWhole = from === 0 && !follows;
  const { size_bytes: _, ...other } = facts;
  const size = { size_bytes: Math.max(Number(stats.size), from + bytes.length) };
  const whole = isWhole ? { sha256: sha256Of(bytes) } : {};
  const common = { ...other, ...size, ...whole };
  if (encoding === 'base64') {
    const next = follows ? { next_from: from + bytes.length } : {};
    return succeeded(bytes.toString('base64'), { ...common, from, encoding, ...next, truncated: follows });
  }
  const cut = { start: from > 0, end: follows };
  if (!isText(bytes, cut))
    throw refused(call.path, 'it is not text in UTF-8; read it with encoding base64', { field: 'encoding' });
  const withoutEnd = bytes.length - wholeCharacters(bytes, { start: false, end: follows }).length;
  const withoutStart = bytes.length - wholeCharacters(bytes, { start: cut.start, end: false }).length;
  const next = follows ? { next_from: from + Math.max(1, bytes.length - withoutEnd) } : {};
  return succeeded(decodeRange(bytes, cut), {
    ...common,
    from: from + withoutStart,
    encoding: 'utf8',
    line_ending: lineEndingOf(bytes),
    ...(isWhole ? { bom: hasBom(bytes) } : {}),
    ...next,
    truncated: follows,
  });
};

/** The whole output of a call, as the hub serves it too. */
const readOutput = async ({ context, invocation }: FileWork, call: ReadCall): Promise<ToolResult> => {
  const callId = outputAddress.exec(call.path)?.[1];
  const missing = new NavisError('FILE_NOT_FOUND', `path: there is no output ${call.path} in this session.`, {
    field: 'path',
  });
  if (callId === undefined || context.runHosts.sessionOf(callId) !== invocation.request.sessionId) throw missing;
  if (call.unit === 'lines')
    throw new NavisError('INVALID_ARGUMENT', 'unit: outputs are read by bytes. Nothing was started.', {
      field: 'unit',
    });
  const maxBytes = Math.min(call.limit ?? maxFileReadBytes, maxFileReadBytes);
  const page = await context.runHosts.readOutput({ callId, from: call.from ?? 0, maxBytes });
  const end = page.offset + page.bytes.length;
  const follows = end < page.endOffset;
  const facts = { path: call.path, size_bytes: page.endOffset, from: page.offset };
  if (call.encoding === 'base64') {
    const next = follows ? { next_from: end } : {};
    const text = Buffer.from(page.bytes).toString('base64');
    return succeeded(text, { ...facts, encoding: 'base64', ...next, truncated: follows });
  }
  const shownBytes = wholeCharacters(page.bytes, { start: false, end: follows }).length;
  const next = follows ? { next_from: page.offset + Math.max(1, shownBytes) } : {};
  return succeeded(decodeRange(page.bytes, { start: page.offset > 0, end: follows }), {
    ...facts,
    encoding: 'utf8',
    ...next,
    truncated: follows,
  });
};
