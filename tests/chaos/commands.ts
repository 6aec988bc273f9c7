/** Commands that run while everything fails: each is asked for until it is answered, and must have run at most once. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isErrorCode, NavisError } from '@navisai/protocol';
import type { ToolResult } from '@navisai/protocol';
import type { SeededRandom } from './random.ts';
import type { ChaosNode, ChaosWorld } from './world.ts';

interface Asked {
  callId: string;
  node: ChaosNode;
  lines: number;
  exitCode: number;
  result: ToolResult | undefined;
  answeredAfterMs: number;
}

export interface CommandCounts {
  asked: number;
  succeeded: number;
  refused: number;
}

/** What a call may take at the most, with everything that fails meanwhile. */
const answerDeadlineMs = 90_000;
const askAgainMs = 50;
/** Failures of the way, not of the call: the same call id is asked for again. */
const isOfTheWay = (code: string): boolean =>
  ['HUB_UNREACHABLE', 'DEGRADED', 'NODE_OFFLINE', 'RATE_LIMITED'].includes(code);

export class Commands {
  readonly #world: ChaosWorld;
  readonly #asked: Asked[] = [];

  constructor(world: ChaosWorld) {
    this.#world = world;
  }

  get counts(): CommandCounts {
    const succeeded = this.#asked.filter(({ result }) => result !== undefined && result.error?.code !== 'INTERRUPTED');
    const { length } = this.#asked;
    return { asked: length, succeeded: succeeded.length, refused: length - succeeded.length };
  }

  /** One command after the other until `signal`; resolves when the last is answered. */
  async run(random: SeededRandom, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) await this.#askOne(random);
  }

  async #askOne(random: SeededRandom): Promise<void> {
    const node = this.#world.nodes[random.whole(0, this.#world.nodes.length - 1)];
    if (node === undefined) return;
    const asked: Asked = {
      callId: `chaos-${randomUUID()}`,
      node,
      lines: random.whole(1, 400),
      exitCode: random.pick([0, 0, 0, 3]),
      result: undefined,
      answeredAfterMs: 0,
    };
    this.#asked.push(asked);
    const command = `echo ${asked.callId} >> "$HOME/ran"; seq 1 ${asked.lines}; sleep ${random.whole(0, 8) / 10}; exit ${asked.exitCode}`;
    const startedAt = performance.now();
    asked.result = await this.#untilAnswered(asked, command, startedAt + answerDeadlineMs);
    asked.answeredAfterMs = performance.now() - startedAt;
  }

  async #untilAnswered(asked: Asked, command: string, deadline: number): Promise<ToolResult | undefined> {
    const body = { action: 'run', command, timeout: 60, node_id: asked.node.node.id, call_id: asked.callId };
    while (performance.now() < deadline) {
      const result = await this.#callOnce(body);
      if (result !== undefined && !isOfTheWay(result.error?.code ?? '')) return result;
      await delay(askAgainMs);
    }
    return undefined;
  }

  async #callOnce(body: Record<string, unknown>): Promise<ToolResult | undefined> {
    try {
      const params = { id: this.#world.sessionId, tool: 'terminal' };
      return await this.#world.client.api.callTool({ params, body }, { timeoutMs: 20_000 });
    } catch (error) {
      if (error instanceof NavisError && isErrorCode(error.code) && isOfTheWay(error.code)) return undefined;
      throw error;
    }
  }

  async findViolations(): Promise<string[]> {
    const ran = new Map<string, number>();
    for (const { node } of this.#world.nodes) {
      const text = await readFile(join(node.userHome, 'ran'), 'utf8').catch(() => '');
      for (const callId of text.split('\n').filter(Boolean)) ran.set(callId, (ran.get(callId) ?? 0) + 1);
    }
    return this.#asked.flatMap((asked) => judge(asked, ran.get(asked.callId) ?? 0));
  }
}

const judge = ({ callId, result, lines, exitCode }: Asked, times: number): string[] => {
  if (times > 1) return [`${callId} ran ${times} times`];
  if (result === undefined) return [`${callId} was not answered in ${answerDeadlineMs} ms`];
  // Honest: the host that ran it was killed with the machine's program; it is told, and not run again.
  if (result.error?.code === 'INTERRUPTED') return [];
  if (times !== 1) return [`${callId} was answered ${JSON.stringify(result.error)} and never ran`];
  const expected = `${Array.from({ length: lines }, (_, index) => index + 1).join('\n')}\n`;
  if (!result.output.startsWith(expected.trimEnd())) return [`${callId}: its output is not what it wrote`];
  return result.metadata.exit_code === exitCode
    ? []
    : [`${callId}: exit code ${result.metadata.exit_code}, not ${exitCode}`];
};
