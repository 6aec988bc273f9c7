/** Some lines of a file, found without holding the file in memory. */
import type { FileHandle } from 'node:fs/promises';
import { maxFileReadBytes } from '@navisai/protocol';
import type { ToolMetadata } from '@navisai/protocol';
import { decodeRange } from '../../plain-text/decode-range.ts';
import { refused } from './file-errors.ts';
import { isText } from './text.ts';

export interface LinesRequest {
  /** The first line is 1. */
  from: number;
  limit: number | undefined;
  path: string;
  check(): void;
}

const newline = 0x0a;
const chunkBytes = 256 * 1024;
const defaultLines = 2000;

export const readLines = async (
  handle: FileHandle,
  request: LinesRequest,
): Promise<{ text: string; metadata: ToolMetadata }> => {
  const first = Math.max(1, request.from);
  const end = first + (request.limit ?? defaultLines);
  const pieces: Buffer[] = [];
  let keptBytes = 0;
  /** The line that the next byte belongs to. */
  let line = 1;
  let isAtEnd = false;
  for (let position = 0; line < end && keptBytes < maxFileReadBytes;) {
    request.check();
    const chunk = Buffer.allocUnsafe(chunkBytes);
    const { bytesRead } = await handle.read(chunk, 0, chunkBytes, position);
    isAtEnd = bytesRead === 0;
    if (isAtEnd) break;
    position += bytesRead;
    const bytes = chunk.subarray(0, bytesRead);
    let from = line >= first ? 0 : -1;
    let at = 0;
    while (line < end) {
      const found = bytes.indexOf(newline, at);
      if (found === -1) break;
      at = found + 1;
      line += 1;
      if (line === first) from = at;
    }
    const kept = from === -1 ? bytes.subarray(0, 0) : bytes.subarray(from, line >= end ? at : bytesRead);
    pieces.push(kept.subarray(0, maxFileReadBytes - keptBytes));
    keptBytes += kept.length;
  }
  return shownLines(Buffer.concat(pieces), { first, request, isAtEnd, isFull: keptBytes >= maxFileReadBytes });
};

interface FoundLines {
  first: number;
  request: LinesRequest;
  isAtEnd: boolean;
  isFull: boolean;
}

const shownLines = (bytes: Buffer, { first, request, isAtEnd, isFull }: FoundLines) => {
  if (!isText(bytes, { start: false, end: isFull }))
    throw refused(request.path, 'it is not text in UTF-8; read it by bytes with encoding base64', {
      field: 'encoding',
    });
  // A line that does not fit is cut only when it is the only one.
  const lastNewline = bytes.lastIndexOf(newline);
  const shown = isFull && lastNewline !== -1 ? bytes.subarray(0, lastNewline + 1) : bytes;
  const endings = shown.reduce((count, byte) => (byte === newline ? count + 1 : count), 0);
  const isCutLine = isFull && lastNewline === -1;
  const hasPartialLine = shown.length > 0 && shown.at(-1) !== newline;
  const lines = endings + (hasPartialLine ? 1 : 0);
  return {
    text: decodeRange(shown, { start: false, end: isFull }),
    metadata: {
      unit: 'lines',
      from: first,
      lines,
      encoding: 'utf8',
      ...(isAtEnd ? {} : { next_from: first + lines }),
      truncated: !isAtEnd,
      ...(isCutLine ? { warnings: ['The line is longer than one answer; read it by bytes.'] } : {}),
    },
  };
};
