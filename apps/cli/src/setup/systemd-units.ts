/** The unit files of hub and bridge for systemd, as text. */

export interface UnitFacts {
  /** The pinned runtime: a service must not depend on what is in some PATH. */
  runtime: string;
  hubProgram: string;
  bridgeProgram: string;
  /** `$NAVIS_HOME`. */
  home: string;
  /** The port that the bridge owns. */
  port: number;
}

export const hubUnitName = 'navis-hub.service';
export const bridgeUnitName = 'navis-bridge.service';
export const bridgeSocketName = 'navis-bridge.socket';

const header = '# Written by navisai setup; removed by navisai setup --remove.';

/** Wrong usage, not allowed, conflict: starting it again would not help. */
const hopelessExitCodes = '2 4 6';

/**
 * Stopping or restarting the service ends the hub alone: its terminals live in processes of their own, which the next
 * start takes over. SIGHUP is how a hub is told to leave them.
 */
export const hubUnit = ({ runtime, hubProgram, home }: UnitFacts): string => `${header}
[Unit]
Description=Navis hub
StartLimitIntervalSec=60
StartLimitBurst=10

[Service]
Type=exec
ExecStart=${commandLine([runtime, hubProgram])}
Environment=${quoted(`NAVIS_HOME=${home}`)}
Restart=on-failure
RestartSec=1
RestartPreventExitStatus=${hopelessExitCodes}
KillMode=process
KillSignal=SIGHUP
TimeoutStopSec=30
OOMPolicy=continue
LimitNOFILE=65536

[Install]
WantedBy=default.target
`;

/** For a port that this user may own. */
export const bridgeUnit = ({ runtime, bridgeProgram, home, port }: UnitFacts): string => `${header}
[Unit]
Description=Navis bridge, port ${port}
StartLimitIntervalSec=60
StartLimitBurst=10

[Service]
Type=exec
ExecStart=${commandLine([runtime, bridgeProgram, `--port=${port}`])}
Environment=${quoted(`NAVIS_HOME=${home}`)}
Restart=on-failure
RestartSec=1
RestartPreventExitStatus=${hopelessExitCodes}
NoNewPrivileges=yes
LimitNOFILE=65536

[Install]
WantedBy=default.target
`;

/** For a port that only root may own: systemd opens it, the bridge itself has no privilege at all. */
export const bridgeSocketUnit = ({ port }: Pick<UnitFacts, 'port'>): string => `${header}
[Unit]
Description=Navis bridge, port ${port}

[Socket]
ListenStream=${port}
BindIPv6Only=both
NoDelay=yes
Backlog=512

[Install]
WantedBy=sockets.target
`;

/** Belongs to the socket; runs as the person whose hub it is. */
export const systemBridgeUnit = (facts: UnitFacts & { user: string }): string => `${header}
[Unit]
Description=Navis bridge
Requires=${bridgeSocketName}
After=${bridgeSocketName}

[Service]
Type=exec
User=${facts.user}
ExecStart=${commandLine([facts.runtime, facts.bridgeProgram])}
Environment=${quoted(`NAVIS_HOME=${facts.home}`)}
Restart=on-failure
RestartSec=1
NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
LockPersonality=yes
LimitNOFILE=65536
`;

const commandLine = (words: readonly string[]): string => words.map((word) => quoted(word, true)).join(' ');

/** Specifiers (`%`), and in command lines variables (`$`), are meant as they stand. */
const quoted = (text: string, isCommand = false): string => {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%');
  return `"${isCommand ? escaped.replaceAll('$', '$$$$') : escaped}"`;
};
