/** `navisai pair`: a link and QR code for one device, then the question whether to let it in (I14). */
import { scopeSchema, type Scope } from '@navisai/protocol';
import { defineCommand } from '../command-line/command.types.ts';
import { readEnvironment } from '../environment.ts';
import { chooseHub } from '../hub/choose-hub.ts';
import { withHub } from '../hub/connect.ts';
import { readLocalAuthority } from '../hub/home.ts';
import { loginLink } from '../login/login-target.ts';
import { pairingLines } from '../pair/pairing-lines.ts';
import { PairingDialog } from '../pair/pairing-dialog.ts';
import { parseAuthority } from '../trust/authority.ts';

export const pair = defineCommand({
  summary: 'Pair a browser or another CLI.',
  details:
    'Shows a link and a QR code that work once, for 10 minutes; an earlier link becomes void. Then it waits for the device and asks whether to let it in: compare the code that it shows. With --json or --no-wait it only prints the link; decide with navisai approvals.',
  examples: [
    { command: 'navisai pair', note: 'open the link on the device, compare the code, answer y' },
    { command: 'navisai pair --scope viewer', note: 'a device that may only watch' },
    { command: 'navisai pair --json', note: '{"url","token","expiresAt","loginUrl"}' },
  ],
  flags: {
    scope: {
      type: 'choice',
      choices: ['viewer', 'operator', 'admin'],
      summary: 'What the device may do; default admin.',
    },
    'no-wait': { type: 'boolean', summary: 'Print the link and leave.' },
  },
  run: ({ flags, output }) =>
    withHub(async (hub) => {
      const scope: Scope = scopeSchema.parse(flags.scope ?? 'admin');
      const link = await hub.api.openPairing({ body: { scope } });
      const loginUrl = await loginUrlOf(link.url);
      output.result({ ...link, loginUrl }, () => pairingLines({ ...link, loginUrl }, output));
      const canAsk = process.stdin.isTTY === true && output.isTerminal;
      if (output.isJson || flags['no-wait']) return 0;
      if (!canAsk) {
        output.remark('When the device has asked: navisai approvals list, navisai approvals approve <id>');
        return 0;
      }
      return new PairingDialog({ hub, link, output }).run();
    }),
});

/** For a CLI elsewhere: it also tells how to know this hub. Without a local CA at hand the link alone has to do. */
const loginUrlOf = async (url: string): Promise<string | undefined> => {
  const environment = readEnvironment();
  const { hostname } = new URL(url);
  if (hostname === 'localhost' || (await chooseHub(environment)) !== undefined) return undefined;
  const authority = await readLocalAuthority(environment.home);
  return authority && loginLink(url, parseAuthority(authority).fingerprint);
};
