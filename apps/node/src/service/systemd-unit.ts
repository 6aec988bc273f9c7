/** The unit that runs a node under systemd: it restarts the program and never touches what runs in the terminals (T18). */
import { errorTable } from '@navisai/protocol';

export interface ServiceRun {
  /** Program and arguments. */
  command: readonly string[];
  isSystem: boolean;
  /** The account of a system service; default: root. */
  user: string | undefined;
  home: string;
}

/** After these a restart changes nothing, or starts a fight of two processes for one id (N3). */
export const lastingExitCodes = Array.from(
  new Set([
    errorTable.INVALID_ARGUMENT.exit,
    errorTable.NODE_REVOKED.exit,
    errorTable.NODE_REPLACED.exit,
    errorTable.SANDBOX_UNAVAILABLE.exit,
  ]),
).toSorted((a, b) => a - b);

export const systemdUnit = (run: ServiceRun): string => `[Unit]
Description=Navis node: terminals of this machine for its hub
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart=${run.command.map(unitWord).join(' ')}
${accountLines(run)}Restart=always
RestartSec=1
# Refused, replaced, wrong settings: a person has to look.
RestartPreventExitStatus=${lastingExitCodes.join(' ')}
# Only the program itself is stopped: the hosts of its terminals stay, and the next start finds them again.
KillMode=process
KillSignal=SIGTERM
TimeoutStopSec=30
# A command that eats all memory is ended alone.
OOMPolicy=continue
TasksMax=infinity
LimitCORE=0:infinity
# What is set here is set for every command in every terminal: PrivateTmp would lose the hosts at a restart,
# NoNewPrivileges takes sudo away. policy.json is what confines commands.

[Install]
WantedBy=${run.isSystem ? 'multi-user.target' : 'default.target'}
`;

/** A system service has no runtime directory of its own user; sockets of terminals must outlast a restart. */
const accountLines = ({ isSystem, user, home }: ServiceRun): string => {
  if (!isSystem) return `WorkingDirectory=${escapePercent(home)}\n`;
  const account = user === undefined ? '' : `User=${user}\n`;
  const runtime =
    'RuntimeDirectory=navis-node\nRuntimeDirectoryMode=0700\nRuntimeDirectoryPreserve=yes\nEnvironment=XDG_RUNTIME_DIR=/run/navis-node\n';
  return `${account}WorkingDirectory=~\n${runtime}`;
};

const escapePercent = (text: string): string => text.replaceAll('%', '%%');

/** One word of ExecStart= (systemd.service(5), command lines). */
export const unitWord = (word: string): string =>
  /^[A-Za-z0-9_@+=:,./-]+$/.test(word)
    ? word
    : `"${escapePercent(word).replaceAll('$', '$$$$').replaceAll(/["\\]/g, '\\$&')}"`;
