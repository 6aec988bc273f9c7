/** The worker thread of a host that keeps the screens of its terminals, off the path of their bytes. */
import { parentPort } from 'node:worker_threads';
import { collectOnceStarted, garbageCollector } from '../collect-garbage.ts';
import { ScreenKeeper } from './screen-keeper.ts';
import type { ToScreenWorker } from './screen-messages.types.ts';

const port = parentPort;
if (port !== null) {
  const collect = garbageCollector();
  const keeper = new ScreenKeeper((message) => port.postMessage(message), collect);
  port.on('message', (message: ToScreenWorker) => keeper.handle(message));
  collectOnceStarted(collect);
}
