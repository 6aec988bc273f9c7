/** Every row of the bench, in the order of docs/PERFORMANCE.md. */
import type { BenchRow } from '../row.types.ts';
import { a1Attach } from './a1-attach.ts';
import { a2Reconnect } from './a2-reconnect.ts';
import { b1Throughput, b2Neighbours } from './b1-throughput.ts';
import { c1Interrupt } from './c1-interrupt.ts';
import { d1Events } from './d1-events.ts';
import { e2Echo } from './e2-echo.ts';
import { m1Memory, m2MemoryGrowth } from './m1-memory.ts';
import { r1Recovery, s2HubStart } from './s2-hub-start.ts';
import { s1CliStart } from './s1-cli-start.ts';
import { w1Web } from './w1-web.ts';
import { x2Command } from './x2-command.ts';

export const rows: readonly BenchRow[] = [
  x2Command,
  e2Echo,
  b1Throughput,
  b2Neighbours,
  c1Interrupt,
  a1Attach,
  a2Reconnect,
  r1Recovery,
  s1CliStart,
  s2HubStart,
  m1Memory,
  m2MemoryGrowth,
  d1Events,
  w1Web,
];
