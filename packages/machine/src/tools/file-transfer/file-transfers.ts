/**
 * Files on their way between two machines, piece by piece: read by offset here, written beside the target there and put
 * in place when the last piece has come and all of it is as it was sent. What has come is on disk, so that a transfer
 * goes on after either program was started again.
 */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { maxFilePieceBytes, NavisError } from '@navisai/protocol';
import type { FileReadRequest, FileReadResult, FileWriteRequest, ToolCallRequest } from '../../machine.types.ts';
import { conflict, fileError, isMissing } from '../filesystem/file-errors.ts';
import { FileAccess } from '../filesystem/file-access.ts';
import type { Place } from '../filesystem/file-access.ts';
import { isContained } from '../filesystem/open-directory.ts';
import { hashFile, modeOf, openRegularFile, readRange, versionOf } from '../filesystem/regular-file.ts';
import { putInPlace, temporaryPrefix, writeFully } from '../filesystem/replace-file.ts';
import type { TerminalContext } from '../terminal/terminal-context.types.ts';
import { TransferRecords } from './transfer-records.ts';

type Context = Pick<TerminalContext, 'guard' | 'environment' | 'fileActions'>;

/** One piece; the last one is checked as a whole, which takes longer for a large file. */
const pieceSeconds = 30;
const finishSeconds = 300;
const sweepEveryMs = 10 * 60 * 1000;

export class FileTransfers implements Disposable {
  readonly #context: Context;
  readonly #records: TransferRecords;
  /** Pieces of one transfer come after each other. */
  readonly #turns = new Map<string, Promise<unknown>>();
  #timer: NodeJS.Timeout | undefined;

  constructor({ context, directory }: { context: Context; directory: string }) {
    this.#context = context;
    this.#records = new TransferRecords(directory);
  }

  /** Forgets stale transfers now and from time to time. */
  start(): void {
    void this.#records.sweep();
    this.#timer = setInterval(() => void this.#records.sweep(), sweepEveryMs);
    this.#timer.unref();
  }

  /** Rejects FILE_NOT_FOUND, FILE_REFUSED, POLICY_DENIED. */
  async read(request: FileReadRequest): Promise<FileReadResult> {
    return this.#within(request, { access: 'read', seconds: pieceSeconds }, async (files) => {
      await using place = await files.place({ given: request.path, access: 'read' });
      await using file = await openRegularFile(place);
      const bytes = await readRange(file.handle, request.from, Math.min(request.maxBytes, maxFilePieceBytes));
      const { stats } = file;
      return { bytes, sizeBytes: Number(stats.size), mode: modeOf(stats), version: versionOf(stats) };
    });
  }

  /** Rejects FILE_CONFLICT, FILE_REFUSED, POLICY_DENIED. */
  async write(request: FileWriteRequest): Promise<{ nextOffset: number }> {
    if (request.bytes.length > maxFilePieceBytes)
      throw new NavisError('PAYLOAD_TOO_LARGE', `A piece of a file has at most ${maxFilePieceBytes} bytes.`);
    const key = keyOf(request);
    const before = this.#turns.get(key) ?? Promise.resolve();
    const turn = before.catch(() => undefined).then(() => this.#writeInTurn(key, request));
    this.#turns.set(key, turn);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(key) === turn) this.#turns.delete(key);
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #writeInTurn(key: string, request: FileWriteRequest): Promise<{ nextOffset: number }> {
    const seconds = request.finish === undefined ? pieceSeconds : finishSeconds;
    return this.#within(request, { access: 'change', seconds }, async (files) => {
      await using place = await files.place({ given: request.path, access: 'write', mayBeMissing: true });
      const temporary = `${temporaryPrefix}${key}.part`;
      const handle = await this.#open({ key, place, temporary, request });
      if (handle === null) return { nextOffset: await alreadyInPlace(place, request, files) };
      await using part = handle;
      const nextOffset = await this.#append(part, { key, place, temporary, request });
      if (request.finish !== undefined) await this.#finish(part, { key, place, temporary, request }, files);
      return { nextOffset };
    });
  }

  /** `null` when nothing has come of it, or it is in place already. */
  async #open({ key, place, temporary, request }: Part): Promise<FileHandle | null> {
    const path = place.directory.entry(temporary);
    const flags = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    try {
      return await open(path, flags);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    if (request.offset > 0 || (request.finish !== undefined && (await isInPlace(place, request)))) return null;
    await this.#records.add(key, place.directory.realPathOf(temporary));
    return open(path, flags | constants.O_CREAT | constants.O_EXCL, 0o600);
  }

  async #append(handle: FileHandle, part: Part): Promise<number> {
    const { offset, bytes } = part.request;
    const { size } = await handle.stat();
    if (offset > size) throw conflict(part.place.realPath, `the piece at ${offset} came before that at ${size}`);
    const rest = bytes.subarray(Math.min(bytes.length, size - offset));
    try {
      await writeFully(handle, rest, size);
    } catch (error) {
      // A full disk gets back what the transfer took.
      await this.#forget(part);
      throw error;
    }
    return size + rest.length;
  }

  async #finish(handle: FileHandle, part: Part, files: FileAccess): Promise<void> {
    const { place, temporary, request } = part;
    const { finish } = request;
    if (finish === undefined) return;
    const { sha256, sizeBytes } = await hashFile(handle, () => files.check());
    if (sizeBytes !== finish.sizeBytes || sha256 !== finish.sha256) {
      await this.#forget(part);
      throw conflict(place.realPath, 'what came is not what was sent; begin again');
    }
    await handle.chmod(finish.mode & 0o777);
    await handle.sync();
    try {
      const path = place.directory.entry(temporary);
      await putInPlace(place, { temporary: path, replaced: finish.overwrite ? undefined : null });
    } catch (error) {
      await this.#forget(part);
      throw error;
    }
    await place.directory.sync();
    await this.#records.remove(part.key);
  }

  async #forget({ key, place, temporary }: Part): Promise<void> {
    await unlink(place.directory.entry(temporary)).catch(() => undefined);
    await this.#records.remove(key);
  }

  async #within<Result>(
    request: FileReadRequest | FileWriteRequest,
    { access, seconds }: { access: 'read' | 'change'; seconds: number },
    act: (files: FileAccess) => Promise<Result>,
  ): Promise<Result> {
    const { guard, environment, fileActions } = this.#context;
    const call = callOf(request);
    guard.allowTool(call, { action: 'copy', access });
    if (guard.isRestricted && !isContained) throw new NavisError('SANDBOX_UNAVAILABLE');
    const { home } = await environment();
    const never = new AbortController().signal;
    return fileActions.withinTime({ seconds, signal: never }, async (signal) => {
      const allow = (realPath: string, pathAccess: 'read' | 'write'): void =>
        guard.allowPath(call, { realPath, access: pathAccess });
      try {
        return await act(new FileAccess({ home, workingDirectory: undefined, allow, signal }));
      } catch (error) {
        throw fileError(error, request.path);
      }
    });
  }
}

interface Part {
  key: string;
  place: Place;
  /** Name of what has come, beside the target. */
  temporary: string;
  request: FileWriteRequest;
}

const keyOf = ({ sessionId, transferId, path }: FileWriteRequest): string =>
  createHash('sha256')
    .update(JSON.stringify([sessionId, transferId, path]))
    .digest('hex')
    .slice(0, 32);

/** The guard judges a transfer like the action `copy`. */
const callOf = (request: FileReadRequest | FileWriteRequest): ToolCallRequest => ({
  tool: 'filesystem',
  arguments: { action: 'copy', path: request.path },
  sessionId: request.sessionId,
  callId: 'transferId' in request ? request.transferId : '',
  userId: request.userId,
  origin: request.origin,
});

const isInPlace = async (
  place: Place,
  { finish }: FileWriteRequest,
  check = (): void => undefined,
): Promise<boolean> => {
  if (finish === undefined) return false;
  try {
    await using file = await openRegularFile(place);
    if (Number(file.stats.size) !== finish.sizeBytes) return false;
    return (await hashFile(file.handle, check)).sha256 === finish.sha256;
  } catch (error) {
    if (isMissing(error) || error instanceof NavisError) return false;
    throw error;
  }
};

/** The last piece once more, after its answer was lost. */
const alreadyInPlace = async (place: Place, request: FileWriteRequest, files: FileAccess): Promise<number> => {
  if (await isInPlace(place, request, () => files.check())) return request.offset + request.bytes.length;
  throw conflict(place.realPath, 'the pieces before this one are not here any more; begin again');
};
