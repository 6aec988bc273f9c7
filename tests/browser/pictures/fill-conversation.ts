/** A believable conversation, so that pictures show what people will see. */
import { newId } from '@navisai/protocol';
import { EventWriter } from '../event-writer.fixture.ts';

const answer = `The dev server failed because \`config\` was never exported. I fixed that and the build passes now.

## What was wrong

\`src/routes.ts\` imports \`config\`, but \`src/config.ts\` only exports \`port\`:

\`\`\`ts
// src/config.ts
export const port = 4173;
export const config = { port, host: 'localhost' } as const;

export function address(secure = false): string {
  return \`\${secure ? 'https' : 'http'}://\${config.host}:\${port}\`;
}
\`\`\`

| Step | Before | After |
|---|---|---|
| Build | failed in 2.1 s | 148 modules, 1.9 s |
| Tests | not run | 36 passed |

- The server runs in the terminal **web** at [localhost:4173](http://localhost:4173/).
- [ ] You may want to remove the old \`vite.config.js\`.
`;

/** What was said and done; it ends with a run that still goes on when `isRunning`. */
export const fillConversation = (sessionId: string, { isRunning = false } = {}): EventWriter => {
  const log = new EventWriter(sessionId);
  log.say('The production build of the site fails since yesterday. Find out why, fix it, and start the dev server.');
  const run = log.start();
  log.part(run, 0, {
    kind: 'thinking',
    text: 'The build fails. I should look at the error first, then at the imports of routes.ts.',
  });
  log.part(run, 1, { kind: 'text', text: 'I’ll look at the build first.' });
  log.add('plan', {
    streamId: run,
    entries: [
      { content: 'Reproduce the failing build', status: 'completed' },
      { content: 'Fix the missing export', status: 'completed' },
      { content: 'Start the dev server and wait until it is ready', status: isRunning ? 'in_progress' : 'completed' },
      { content: 'Run the tests', status: isRunning ? 'pending' : 'completed' },
    ],
  });
  findAndFix(log, run);
  delegate(log, run);
  if (isRunning) {
    log.part(run, 12, { kind: 'text', text: 'The build passes again. Now the tests:' });
    log.call(run, 13, { tool: 'terminal', arguments: { action: 'run', command: 'npm test -- --reporter=dot' } });
    return log;
  }
  log.part(run, 12, { kind: 'text', text: answer });
  log.end(run);
  log.say('!git status -sb');
  const command = newId('run');
  log.add('stream_notice', {
    streamId: command,
    kind: 'command',
    text: '## main...origin/main [ahead 1]\n M src/config.ts',
  });
  return log;
};

const findAndFix = (log: EventWriter, run: string): void => {
  log.call(run, 2, {
    tool: 'terminal',
    arguments: { action: 'run', command: 'npm run build', working_dir: '/home/mira/site' },
    answer:
      'site@0.4.0 build\nvite building for production…\n✓ 148 modules transformed\nError: src/routes.ts:12:7 "config" is not exported by src/config.ts',
    success: false,
    exitCode: 1,
    tookMs: 2140,
  });
  log.call(run, 4, {
    tool: 'filesystem',
    arguments: { action: 'grep', pattern: 'config', path: 'src' },
    answer: 'src/routes.ts:12: import { config } from "./config";',
    tookMs: 18,
  });
  log.call(run, 6, {
    tool: 'filesystem',
    arguments: {
      action: 'edit',
      path: 'src/config.ts',
      edits: [
        {
          find: 'export const port = 4173;\n\nexport function address() {\n  return `http://localhost:${port}`;\n}',
          replace:
            "export const port = 4173;\nexport const config = { port, host: 'localhost' } as const;\n\nexport function address(secure = false): string {\n  return `${secure ? 'https' : 'http'}://${config.host}:${port}`;\n}",
        },
      ],
    },
    answer: 'Changed src/config.ts: 1 edit.',
    tookMs: 9,
  });
};

const delegate = (log: EventWriter, run: string): void => {
  log.call(run, 8, {
    tool: 'terminal',
    arguments: {
      action: 'open',
      terminal_name: 'web',
      command: 'npm run dev',
      background: true,
      description: 'Dev server',
    },
    answer: 'web is open, PID 4711. ready in 310 ms',
    tookMs: 1320,
  });
  const parentCall = log.call(run, 10, {
    tool: 'spawn_agent',
    arguments: { task: 'Look for other files that import what is not exported' },
    answer: 'No other file is affected.',
    tookMs: 9400,
  });
  const child = log.start({ parent: { streamId: run, callId: parentCall }, depth: 1 });
  log.call(child, 0, {
    tool: 'terminal',
    arguments: { action: 'run', command: 'npx tsc --noEmit' },
    answer: '(no output)',
    tookMs: 4100,
  });
  log.part(child, 2, { kind: 'text', text: 'No other file is affected.' });
  log.end(child);
};
