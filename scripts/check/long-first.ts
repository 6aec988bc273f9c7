/** Test files that take long begin first, so that no step ends with one worker busy and the others idle. */
import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

/** Those of more than 50 seconds on two cores, by what a whole run prints. */
export const longFiles = [
  'packages/machine/src/sandbox/terminal-sandboxed.test.ts',
  'packages/machine/src/mask/tools-masked.test.ts',
  'apps/daemon/src/run-program.test.ts',
  'apps/node/src/joining.test.ts',
  'packages/remote/src/terminal-open-shell.remote.test.ts',
  'packages/machine/src/tools/terminal-open-shell.local.test.ts',
  'packages/machine/src/pty-hosts-survival.test.ts',
  'tests/journeys/sub-agent-faults.test.ts',
  'tests/journeys/recalls-clock.test.ts',
  'tests/journeys/packed.test.ts',
  'tests/journeys/cli-nodes.test.ts',
  'tests/journeys/cli-lifecycle.test.ts',
  'tests/journeys/sub-agents.test.ts',
  'tests/journeys/node-join.test.ts',
  'tests/journeys/acp.test.ts',
  'tests/journeys/agent-survival.test.ts',
  'tests/journeys/down.test.ts',
  'tests/browser/accessibility.test.ts',
  'tests/browser/conversation-page.test.ts',
  'tests/browser/weight.test.ts',
  'tests/browser/models.test.ts',
  'tests/browser/recalls.test.ts',
];

export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => longFiles.some((path) => moduleId.endsWith(`/${path}`));
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}
