/** A run-host of its own for each test, in this process, without a socket. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunRequest } from '../machine.types.ts';
import { FifoPool } from './fifo-pool.ts';
import { RunHost } from './run-host.ts';
import type { ReadRequest, RunAnswer } from './run-protocol.types.ts';

const nothing = Buffer.alloc(0);

export class RunHostFixture implements AsyncDisposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'navis-run-host-'));
  readonly callsDirectory: string;
  readonly host: RunHost;
  readonly #pipes: FifoPool;
  /** Times that the host said it was empty. */
  emptied = 0;
  #started = 0;

  private constructor(pipes: FifoPool, disk: string | undefined) {
    this.#pipes = pipes;
    const place = disk ?? this.directory;
    this.callsDirectory = join(place, 'calls');
    mkdirSync(this.callsDirectory);
    this.host = new RunHost({
      hostId: 'h_test',
      bootId: 'b_test',
      callsDirectory: this.callsDirectory,
      activePath: join(place, 'active'),
      preparedDirectory: join(place, 'prepared'),
      pipes,
      markers: { NAVIS_TEST: 'yes' },
      onEmpty: () => (this.emptied += 1),
    });
  }

  /** Its files lie on `disk`, if one is given. */
  static async open(disk?: string): Promise<RunHostFixture> {
    const pipes = new FifoPool(mkdtempSync(join(tmpdir(), 'navis-pipes-')));
    await pipes.warm();
    return new RunHostFixture(pipes, disk);
  }

  request(command: string, facts: Partial<RunRequest> = {}): RunRequest {
    return {
      callId: `call_${(this.#started += 1)}_${process.pid}_${process.hrtime.bigint() % 1_000_000n}`,
      sessionId: 's_test',
      file: 'bash',
      args: ['-c', command],
      workingDirectory: this.directory,
      environment: { PATH: process.env['PATH'] ?? '', HOME: this.directory },
      timeoutMs: 20_000,
      ...facts,
    };
  }

  async ask(request: RunRequest): Promise<{ result: RunAnswer; payload: Buffer }> {
    const { result, payload = nothing } = await this.host.handlers.run(request, nothing);
    return { result, payload: Buffer.from(payload) };
  }

  async run(command: string, facts: Partial<RunRequest> = {}) {
    const request = this.request(command, facts);
    const { result, payload } = await this.ask(request);
    const { stdout, stderr } = result;
    const errorAt = stdout.headBytes + stdout.tailBytes;
    return {
      ...result,
      callId: request.callId,
      out: payload.toString('utf8', 0, stdout.headBytes),
      outTail: payload.toString('utf8', stdout.headBytes, errorAt),
      error: payload.toString('utf8', errorAt, errorAt + stderr.headBytes),
    };
  }

  async read(request: ReadRequest) {
    const { result, payload = nothing } = await this.host.handlers.read(request, nothing);
    return { result, payload: Buffer.from(payload) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.host.stop();
    this.host.close();
    this.#pipes.close();
    rmSync(this.directory, { recursive: true });
  }
}
