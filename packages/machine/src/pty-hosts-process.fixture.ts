/** A hub reduced to its terminals, as a process that tests can kill. */
import { createInterface } from 'node:readline';
import { createPtyHosts } from './pty-hosts.ts';
import { readTerminal } from './pty-hosts.fixture.ts';
import type { PtyOpenRequest } from './pty-hosts.types.ts';

const hosts = createPtyHosts({ stateDirectory: process.argv[2] ?? '' });
await hosts.start();
process.stdout.write('ready\n');
for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as PtyOpenRequest;
  const record = await hosts.open(request);
  const reading = readTerminal(hosts, request.terminalId, { paces: true });
  while (reading.offset === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  process.stdout.write(`${JSON.stringify({ pid: record.pid, seen: reading.text() })}\n`);
}
