/** A machine of whoever runs this file: an agent's program says what it can reach, as JSON on standard output. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { attackOn } from '../sandbox/attack.fixture.ts';
import { makeLocalTarget } from '../tools/terminal-target.fixture.ts';

await using target = await makeLocalTarget({ onUnexpected: () => undefined });
const folder = join(target.home, '.navis/keys');
mkdirSync(folder);
writeFileSync(join(folder, 'key'), 'a secret of Navis');
const agent = target.session(undefined, 'agent');
const attacked = await agent.run(`mkdir a && cd a; ${attackOn(join(folder, 'key'))}; cat ~/.navis/hosts/token`);
const worked = await agent.run('id -u; echo x > ~/made && cat ~/made; kill -0 $PPID && ls -d /proc/[0-9]* | wc -l');
const person = await target.session().run(`cat ${join(folder, 'key')}`);
process.stdout.write(`${JSON.stringify({ attacked, worked, person: person.output })}\n`);
