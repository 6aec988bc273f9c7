/** A hub that is nothing but its RunHosts, in a process of its own: runs one command and says when it has begun. */
import { createRunHosts } from './run-hosts.ts';
import type { RunRequest } from './machine.types.ts';

const { stateDirectory, request } = JSON.parse(process.argv[2] ?? '{}') as {
  stateDirectory: string;
  request: RunRequest;
};
const hosts = createRunHosts({ stateDirectory, runtimeDirectory: stateDirectory });
await hosts.start();
const outcome = hosts.run(request);
hosts.watch(
  { callId: request.callId, stdout: 0, stderr: 0 },
  {
    onOutput: ({ bytes }) => void process.stdout.write(bytes),
    onEnd: () => undefined,
  },
);
await outcome;
