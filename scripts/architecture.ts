/** Checks arrows, cycles and sizes of the whole repository; warnings are shown, failures fail. */
import { checkArchitecture } from './architecture/check-architecture.ts';

const findings = checkArchitecture(new URL('..', import.meta.url).pathname);
for (const { kind, path, message } of findings.toSorted((a, b) => a.kind.localeCompare(b.kind))) {
  console.log(`${kind}: ${path}: ${message}`);
}
const failures = findings.filter(({ kind }) => kind === 'failure').length;
console.log(`${failures} failures, ${findings.length - failures} warnings`);
process.exitCode = failures === 0 ? 0 : 1;
