/** A hub that does nothing but call its starts of a host off, at several moments; it says so when all are over. */
import { ptyHostProgram } from './pty-host-program.ts';
import { launchHost } from './launch-host.ts';

const settings = JSON.parse(process.argv[2] ?? '') as Parameters<typeof launchHost>[0]['settings'];
for (let waitMs = 0; waitMs <= 400; waitMs += 40) {
  const leaving = new AbortController();
  setTimeout(() => leaving.abort(), waitMs);
  await launchHost({ program: ptyHostProgram, settings, signal: leaving.signal }).then(
    ({ pid }) => process.kill(pid, 'SIGKILL'),
    () => undefined,
  );
}
process.stdout.write('all are over\n');
