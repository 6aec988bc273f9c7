/** Asks systemd or launchd, with what was asked shown to the person. */
import { spawnSync } from 'node:child_process';
import { NavisError } from '@navisai/protocol';
import type { ServicePlan } from './service-plan.ts';

const deadlineMs = 60_000;

export interface ServiceManager {
  start(): void;
  stop(): void;
  /** As the manager tells it, in a few lines. */
  status(): { isActive: boolean; text: string };
}

export const serviceManager = (plan: ServicePlan, say: (text: string) => void): ServiceManager => {
  const run = (words: readonly string[], { mayFail = false } = {}): { status: number | null; output: string } => {
    say(`  ${words.join(' ')}`);
    const [file = '', ...args] = words;
    const { status, stdout, stderr, error } = spawnSync(file, args, { encoding: 'utf8', timeout: deadlineMs });
    const output = `${stdout ?? ''}${stderr ?? ''}`.trim();
    if (status === 0 || mayFail) return { status, output };
    throw new NavisError(
      'CONFLICT',
      `${words.join(' ')} failed: ${output || (error?.message ?? `exit code ${status}`)}`,
    );
  };
  return plan.manager === 'systemd' ? systemd(plan, run) : launchd(plan, run);
};

type Run = (words: readonly string[], options?: { mayFail?: boolean }) => { status: number | null; output: string };

const systemd = ({ isSystem, name }: ServicePlan, run: Run): ServiceManager => {
  const systemctl = isSystem ? ['systemctl'] : ['systemctl', '--user'];
  return {
    start() {
      run([...systemctl, 'daemon-reload']);
      run([...systemctl, 'enable', name]);
      run([...systemctl, 'restart', name]);
      // Else it would end with the last session of this user, and start with the next.
      if (!isSystem) run(['loginctl', 'enable-linger'], { mayFail: true });
    },
    stop() {
      run([...systemctl, 'disable', '--now', name], { mayFail: true });
    },
    status() {
      const { status, output } = run([...systemctl, 'is-active', name], { mayFail: true });
      return { isActive: status === 0, text: output };
    },
  };
};

const launchd = ({ isSystem, name, file }: ServicePlan, run: Run): ServiceManager => {
  const domain = isSystem ? 'system' : `gui/${process.getuid?.() ?? 0}`;
  return {
    start() {
      run(['launchctl', 'bootout', `${domain}/${name}`], { mayFail: true });
      run(['launchctl', 'bootstrap', domain, file]);
    },
    stop() {
      run(['launchctl', 'bootout', `${domain}/${name}`], { mayFail: true });
    },
    status() {
      const { status, output } = run(['launchctl', 'print', `${domain}/${name}`], { mayFail: true });
      return { isActive: status === 0, text: output.split('\n').slice(0, 5).join('\n') };
    },
  };
};
