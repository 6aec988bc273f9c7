/** Lines typed while everything fails: what was told as accepted was read once, and nothing was read twice. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '@navisai/testkit';
import type { SeededRandom } from './random.ts';
import type { ChaosNode, ChaosWorld } from './world.ts';

interface Typed {
  word: string;
  node: ChaosNode;
  isAccepted: boolean;
}

export class Inputs {
  readonly #world: ChaosWorld;
  readonly #typed: Typed[] = [];

  constructor(world: ChaosWorld) {
    this.#world = world;
  }

  get counts(): { asked: number; accepted: number } {
    return { asked: this.#typed.length, accepted: this.#typed.filter(({ isAccepted }) => isAccepted).length };
  }

  async open(): Promise<void> {
    for (const node of this.#world.nodes) {
      const result = await this.#world.hub.host.api.callTool({
        params: { id: this.#world.sessionId, tool: 'terminal' },
        body: {
          action: 'open',
          terminal_name: `input-${node.node.name}`,
          description: 'chaos',
          command: 'while read -r word; do echo "$word" >> "$HOME/typed"; done',
          background: true,
          keep_alive: true,
          node_id: node.node.id,
        },
      });
      if (!result.success) throw new Error(`no terminal for input: ${result.error?.message}`);
    }
  }

  async run(random: SeededRandom, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#typeOne(random);
      await delay(random.whole(5, 60));
    }
  }

  /** A call whose answer was lost is asked for again with the same id, three times at the most. */
  async #typeOne(random: SeededRandom): Promise<void> {
    const node = this.#world.nodes[random.whole(0, this.#world.nodes.length - 1)];
    if (node === undefined) return;
    const typed: Typed = { word: `word-${randomUUID()}`, node, isAccepted: false };
    this.#typed.push(typed);
    const body = {
      action: 'send_input',
      terminal_name: `input-${node.node.name}`,
      input: `${typed.word}\n`,
      call_id: `input-${randomUUID()}`,
    };
    for (let attempt = 0; attempt < 3 && !typed.isAccepted; attempt += 1) {
      const params = { id: this.#world.sessionId, tool: 'terminal' };
      const result = await this.#world.client.api
        .callTool({ params, body }, { timeoutMs: 15_000 })
        .catch(() => undefined);
      typed.isAccepted = result?.success ?? false;
      if (result !== undefined && !result.success && result.error?.code === 'INTERRUPTED') return;
      if (!typed.isAccepted) await delay(200);
    }
  }

  async findViolations(): Promise<string[]> {
    const isAllRead = async () => {
      const read = await this.#read();
      return this.#typed.every(({ word, isAccepted }) => !isAccepted || read.has(word));
    };
    // The program reads a moment after its terminal has taken it.
    await until('what was accepted is read', isAllRead).catch(() => undefined);
    const read = await this.#read();
    return this.#typed.flatMap(({ word, isAccepted }) => {
      const times = read.get(word) ?? 0;
      if (times > 1) return [`${word} was typed ${times} times`];
      return isAccepted && times === 0 ? [`${word} was accepted and never read`] : [];
    });
  }

  async #read(): Promise<Map<string, number>> {
    const read = new Map<string, number>();
    for (const { node } of this.#world.nodes) {
      const text = await readFile(join(node.userHome, 'typed'), 'utf8').catch(() => '');
      for (const word of text.split('\n').filter(Boolean)) read.set(word, (read.get(word) ?? 0) + 1);
    }
    return read;
  }
}
