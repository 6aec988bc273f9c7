/** Terminals that write numbered lines while everything fails: a viewer must see every byte, once and in order. */
import { readHistory, recordTerminal } from '@navisai/testkit';
import type { TerminalRecorder } from '@navisai/testkit';
import { setTimeout as delay } from 'node:timers/promises';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChaosNode, ChaosWorld } from './world.ts';

interface Stream {
  node: ChaosNode;
  name: string;
  terminalId: string;
  recorder: TerminalRecorder;
}

/** How long the viewers may need, after the last fault, to see the end. */
const catchUpMs = 60_000;

export class Streams {
  readonly #world: ChaosWorld;
  readonly #streams: Stream[] = [];

  constructor(world: ChaosWorld) {
    this.#world = world;
  }

  /** One terminal on each node, seen by a viewer from its first byte. */
  async open(): Promise<void> {
    for (const node of this.#world.nodes) await this.#openOne(node);
  }

  async #openOne(node: ChaosNode): Promise<void> {
    const { sessionId, client, hub } = this.#world;
    const name = `stream-${node.node.name}`;
    const command = `n=0; while [ ! -e "$HOME/end" ]; do n=$((n+1)); echo "line $n of ${node.node.name} äöü"; sleep 0.005; done; echo "last $n"; exit 7`;
    const result = await hub.host.api.callTool({
      params: { id: sessionId, tool: 'terminal' },
      body: {
        action: 'open',
        terminal_name: name,
        description: 'chaos',
        command,
        background: true,
        keep_alive: true,
        node_id: node.node.id,
      },
    });
    if (!result.success) throw new Error(`${name} was not opened: ${result.error?.message}`);
    const terminalId = String(result.metadata['terminal_id']);
    this.#streams.push({ node, name, terminalId, recorder: recordTerminal(client.live(), terminalId) });
  }

  /** Lets the programs end and waits until each viewer has seen it. */
  async end(): Promise<void> {
    for (const { node } of this.#streams) await writeFile(join(node.node.userHome, 'end'), '');
    const deadline = performance.now() + catchUpMs;
    while (performance.now() < deadline && this.#streams.some(({ recorder }) => recorder.exit === undefined))
      await delay(50);
  }

  get streamedBytes(): number {
    return this.#streams.reduce((sum, { recorder }) => sum + recorder.bytes.length, 0);
  }

  async findViolations(): Promise<string[]> {
    const found = await Promise.all(this.#streams.map((stream) => this.#judge(stream)));
    for (const { recorder } of this.#streams) recorder[Symbol.dispose]();
    return found.flat();
  }

  async #judge({ name, node, terminalId, recorder }: Stream): Promise<string[]> {
    const { hub, sessionId } = this.#world;
    if (recorder.failure !== undefined) return [`${name}: ${recorder.failure.message}`];
    if (recorder.exit === undefined) return [`${name}: its viewer never saw the end`];
    if (recorder.exit.exitCode !== 7) return [`${name}: exit code ${recorder.exit.exitCode}, not 7`];
    const seen = recorder.bytes;
    const kept = await readHistory(hub.host.api, { sessionId, id: terminalId });
    const count = Number(/last (\d+)/.exec(seen.toString('utf8'))?.[1]);
    const lines = Array.from({ length: count }, (_, index) => `line ${index + 1} of ${node.node.name} äöü\r\n`);
    const written = Buffer.from(`${lines.join('')}last ${count}\r\n`);
    return [
      ...(seen.equals(written)
        ? []
        : [`${name}: the viewer saw ${seen.length} bytes, the program wrote ${written.length}`]),
      ...(kept.equals(written)
        ? []
        : [`${name}: the history has ${kept.length} bytes, the program wrote ${written.length}`]),
    ];
  }
}
