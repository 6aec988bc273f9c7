/** Every row of the bench, in the order of docs/PERFORMANCE.md. */
import type { BenchRow } from '../row.types.ts';
import { a1Attach, a1AttachOnNode } from './a1-attach.ts';
import { a2Reconnect, a2ReconnectOnNode } from './a2-reconnect.ts';
import { b1OnMain, b1Throughput, b2Neighbours } from './b1-throughput.ts';
import { c1Interrupt, c1InterruptOnNode } from './c1-interrupt.ts';
import { d1Events } from './d1-events.ts';
import { e1Echo, e2Echo } from './e1-e2-echo.ts';
import { f1Fleet, f2AmongMany } from './f1-f2-fleet.ts';
import { l1AgentInHub } from './l1-agent-in-hub.ts';
import { l1AgentLoop } from './l1-agent-loop.ts';
import { m1Memory, m2Conversations, m2MemoryGrowth } from './m1-memory.ts';
import { r1Recovery, s2HubStart } from './s2-hub-start.ts';
import { s1CliStart } from './s1-cli-start.ts';
import { w1Conversation } from './w1-conversation.ts';
import { w1Web } from './w1-web.ts';
import { x1Command, x2Command } from './x1-x2-command.ts';

export const rows: readonly BenchRow[] = [
  x1Command,
  x2Command,
  e1Echo,
  e2Echo,
  b1Throughput,
  b1OnMain,
  b2Neighbours,
  c1Interrupt,
  c1InterruptOnNode,
  a1Attach,
  a1AttachOnNode,
  a2Reconnect,
  a2ReconnectOnNode,
  r1Recovery,
  s1CliStart,
  s2HubStart,
  m1Memory,
  m2MemoryGrowth,
  m2Conversations,
  f1Fleet,
  f2AmongMany,
  d1Events,
  l1AgentLoop,
  l1AgentInHub,
  w1Web,
  w1Conversation,
];
