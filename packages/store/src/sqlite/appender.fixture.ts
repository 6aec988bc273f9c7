/** Appends rows until it is killed, and prints the number of each one that was acknowledged. */
import { writeSync } from 'node:fs';
import { openSqliteStore } from './open-sqlite-store.ts';

const store = await openSqliteStore({ file: process.argv[2] ?? '' });
const appendForever = async (): Promise<never> => {
  for (;;) {
    const events = await store.appendEvents([
      { stream: 's_1111', sessionId: 's_1111', type: 'session.update', data: { change: 'renamed' } },
    ]);
    for (const { seq } of events) writeSync(1, `${seq}\n`);
  }
};
await Promise.all(Array.from({ length: 8 }, appendForever));
