import { expect, test } from 'vitest';
import { approveHere, type Deciding } from './decide-here.ts';

const message = {
  kind: 'approval' as const,
  approvalId: 'a_1111',
  approvalKind: 'call' as const,
  title: 'Developer on nas',
  summary: 'npm run deploy\nin /srv/test',
  risk: 'unknown' as const,
  isWhole: true,
};

const hubWhere = (detail: object): Deciding =>
  ({ api: { approval: () => Promise.resolve({ state: 'pending', kind: 'call', detail }) } }) as unknown as Deciding;

test.each([
  { text: 'npm run deploy', workingDirectory: '/srv/live' },
  { text: 'npm run deploy', workingDirectory: null },
  { text: 'npm run deploy:live', workingDirectory: '/srv/test' },
])('A2: what is not exactly what the notification showed is not approved there: %o', async (detail) => {
  await expect(approveHere(hubWhere(detail), message)).rejects.toMatchObject({
    code: 'CONFLICT',
    message: 'This is not what was shown. Open it to read it.',
  });
});
