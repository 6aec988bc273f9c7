/** The calls of one run-host process: each started once, joined by whoever asks again, its result on disk (N7). */
import type { Readable } from 'node:stream';
import { codeOf, diskRefusal } from '../disk-words.ts';
import type { RunRequest } from '../machine.types.ts';
import type { Handlers, Reply } from '../host/connection.ts';
import { HostError } from '../host/host-error.ts';
import { ActiveCalls } from './active-calls.ts';
import { CallRecordWriter, isCallId } from './call-record.ts';
import type { CallFacts } from './call-record.ts';
import type { FifoPool } from './fifo-pool.ts';
import type { OutputCapture } from './output-capture.ts';
import type { OutputLimits } from './output-file.ts';
import { RecordPool } from './record-pool.ts';
import { RunningCall } from './running-call.ts';
import type { CallOutcome } from './running-call.ts';
import type { ReadAnswer, ReadRequest, RunAnswer, RunHostMethods, StreamLengths } from './run-protocol.types.ts';

export interface RunHostOptions {
  hostId: string;
  bootId: string;
  callsDirectory: string;
  /** The list of this host's calls under way, for whoever cleans up after it. */
  activePath: string;
  /** Where record files are made in advance; on the same file system as `callsDirectory`. */
  preparedDirectory: string;
  pipes: FifoPool;
  /** Every child gets these; `NAVIS_CALL_ID` is added. */
  markers: Record<string, string>;
  limits?: OutputLimits;
  /** Called whenever the last call has ended. */
  onEmpty(): void;
}

/** Named overflow: further calls are refused with RATE_LIMITED. */
const maxCalls = 256;
/** Processes that outlive their call and still print are read for; above this the oldest gets a broken pipe. */
const maxHeldOpen = 64;
export class RunHost {
  readonly #options: RunHostOptions;
  readonly #calls = new Map<string, RunningCall>();
  readonly #active: ActiveCalls;
  readonly #heldOpen = new Set<Readable>();
  readonly #records: RecordPool;
  #takesCalls = true;

  constructor(options: RunHostOptions) {
    this.#options = options;
    this.#records = new RecordPool(options.preparedDirectory);
    this.#records.fill();
    this.#active = new ActiveCalls(options.activePath);
  }

  /** Nothing depends on this process any more. */
  get isEmpty(): boolean {
    return this.#calls.size === 0 && this.#heldOpen.size === 0;
  }

  get takesCalls(): boolean {
    return this.#takesCalls;
  }

  readonly handlers: Handlers<Omit<RunHostMethods, 'stop'>> = {
    run: (request) => this.#run(request),
    join: async ({ callId }) => answer(await this.#call(callId).finished),
    read: (request) => this.#read(request),
    signal: ({ callId, signal }) => {
      this.#call(callId).signal(signal);
      return { result: null };
    },
    cancel: ({ callId }) => {
      this.#call(callId).terminate('cancelled');
      return { result: null };
    },
    retire: () => {
      this.#takesCalls = false;
      if (this.isEmpty) this.#becomeEmpty();
      return { result: null };
    },
  };

  /** Ends every call with its tree; resolves when nothing is left. */
  async stop(): Promise<void> {
    this.#takesCalls = false;
    const calls = [...this.#calls.values()];
    for (const call of calls) call.terminate('cancelled');
    await Promise.all(calls.map((call) => call.finished));
  }

  /** Forgets what only matters while the process lives. */
  close(): void {
    for (const reader of this.#heldOpen) reader.destroy();
    this.#active.close();
    this.#records.close();
  }

  async #run(request: RunRequest): Promise<Reply<RunAnswer>> {
    return answer(await this.#start(request).finished);
  }

  #start(request: RunRequest): RunningCall {
    const { hostId, bootId, callsDirectory, pipes, limits } = this.#options;
    const { callId } = request;
    if (!isCallId(callId)) throw new HostError('INVALID_REQUEST', 'The call id is not valid.');
    if (!this.#takesCalls) throw new HostError('HOST_UNAVAILABLE', 'This run-host takes no more calls.');
    if (this.#calls.size >= maxCalls) throw new HostError('RATE_LIMITED', 'Too many commands run at once.');
    const { environment: _, ...facts } = request;
    const startedAt = new Date().toISOString();
    const record = createRecord(this.#records, callsDirectory, { ...facts, startedAt, hostId, bootId });
    const markers = { ...this.#options.markers, NAVIS_CALL_ID: callId };
    const onHeldOpen = (reader: Readable): void => this.#hold(reader);
    const call = new RunningCall({ request, startedAt, record, pipes, markers, limits, onHeldOpen });
    const release = this.#active.add(callId);
    this.#calls.set(callId, call);
    call.start();
    // While the child starts, this process has nothing to do.
    this.#records.refill(1);
    void call.finished.then(() => {
      this.#calls.delete(callId);
      release();
      if (this.isEmpty) this.#becomeEmpty();
    });
    return call;
  }

  #call(callId: string): RunningCall {
    const call = this.#calls.get(callId);
    if (call === undefined) throw new HostError('NOT_FOUND', 'There is no such call under way.');
    return call;
  }

  async #read({ callId, stdout, stderr, maxBytes, waitMs }: ReadRequest): Promise<Reply<ReadAnswer>> {
    const call = this.#call(callId);
    const hasMore = (): boolean => call.stdout.totalBytes > stdout || call.stderr.totalBytes > stderr;
    if (!hasMore() && call.end === null) await call.waitForChange(waitMs);
    const { end } = call;
    const fromStdout = await call.stdout.read(stdout, maxBytes);
    const fromStderr = await call.stderr.read(stderr, maxBytes);
    return {
      result: { stdout: described(fromStdout, call.stdout), stderr: described(fromStderr, call.stderr), end },
      payload: Buffer.concat([fromStdout.bytes, fromStderr.bytes]),
    };
  }

  #becomeEmpty(): void {
    this.#records.fill();
    this.#options.onEmpty();
  }

  #hold(reader: Readable): void {
    this.#heldOpen.add(reader);
    reader.once('close', () => {
      this.#heldOpen.delete(reader);
      if (this.isEmpty) this.#becomeEmpty();
    });
    const [oldest] = this.#heldOpen;
    if (this.#heldOpen.size > maxHeldOpen) oldest?.destroy();
  }
}

const createRecord = (records: RecordPool, callsDirectory: string, facts: CallFacts): CallRecordWriter => {
  try {
    return CallRecordWriter.create({ records, callsDirectory, facts });
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw new HostError('CONFLICT', 'This call is known already.');
    const why = diskRefusal(error);
    throw new HostError('SPAWN_FAILED', `The call could not be recorded (${why}), so it was not run.`);
  }
};

const described = ({ offset, bytes }: { offset: number; bytes: Buffer }, { totalBytes }: OutputCapture) => ({
  offset,
  bytes: bytes.length,
  totalBytes,
});

const answer = (outcome: CallOutcome): Reply<RunAnswer> => {
  const { stdout, stderr, ...facts } = outcome;
  const pieces = [stdout.head(), stdout.tail(), stderr.head(), stderr.tail()];
  return {
    result: { ...facts, stdout: lengths(stdout, pieces.slice(0, 2)), stderr: lengths(stderr, pieces.slice(2)) },
    payload: Buffer.concat(pieces),
  };
};

const lengths = ({ totalBytes }: OutputCapture, [head, tail]: Buffer[]): StreamLengths => ({
  totalBytes,
  headBytes: head?.length ?? 0,
  tailBytes: tail?.length ?? 0,
});
