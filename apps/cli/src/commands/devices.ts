/** `navisai devices`: who may use this hub. */
import type { CommandGroup } from '../command-line/command.types.ts';
import { defineCommand } from '../command-line/command.types.ts';
import { withHub } from '../hub/connect.ts';
import { printable } from '../output/printable.ts';

const deviceIdFormat = {
  pattern: /^d_[0-9a-z]{4,40}$/,
  meaning: 'a device id such as d_7f3k…',
  remedy: 'See: navisai devices list',
} as const;

const list = defineCommand({
  summary: 'List paired devices.',
  examples: [{ command: 'navisai devices list', note: 'who may use this hub' }],
  flags: { all: { type: 'boolean', summary: 'Revoked ones too.' } },
  run: ({ flags, output }) =>
    withHub(async ({ api }) => {
      const { devices: found } = await api.devices();
      const shown = flags.all ? found : found.filter(({ revokedAt }) => revokedAt === null);
      output.result({ devices: shown }, () =>
        output.table(
          ['ID', 'KIND', 'SCOPE', 'LAST SEEN', 'STATE', 'NAME'],
          shown.map(({ id, kind, scope, lastSeenAt, revokedAt, name }) => {
            const state = revokedAt === null ? 'paired' : `revoked ${revokedAt}`;
            return [id, kind, scope, lastSeenAt ?? 'never', state, name];
          }),
        ),
      );
    }),
});

const revoke = defineCommand({
  summary: 'Revoke a device; its connections close at once.',
  examples: [{ command: 'navisai devices revoke d_7f3k…', note: 'a lost phone' }],
  flags: {},
  positionals: [{ name: 'id', summary: 'The device.', completes: 'devices', maxLength: 64, format: deviceIdFormat }],
  run: ({ positionals, output }) => {
    const id = positionals.id ?? '';
    return withHub(async ({ api }) => {
      const device = await api.revokeDevice({ params: { id } });
      output.result(device, () => `Revoked ${printable(device.name)} (${device.id}).`);
    });
  },
});

export const devices: CommandGroup = {
  summary: 'List and revoke paired devices.',
  examples: [{ command: 'navisai devices', note: 'the same as navisai devices list' }],
  commands: { list, revoke },
  defaultCommand: 'list',
};
