/** The property lists of hub and bridge for launchd (macOS), as text. */
import type { UnitFacts } from './systemd-units.ts';

export const hubLabel = 'navis.hub';
export const bridgeLabel = 'navis.bridge';

/** `AbandonProcessGroup`: terminals live in processes of their own and outlive a restart of the hub. */
export const hubPlist = ({ runtime, hubProgram, home }: UnitFacts): string =>
  plist({ label: hubLabel, words: [runtime, hubProgram], home, log: `${home}/logs/service.log` });

/** On macOS every user may own a low port on all addresses. */
export const bridgePlist = ({ runtime, bridgeProgram, home, port }: UnitFacts): string =>
  plist({
    label: bridgeLabel,
    words: [runtime, bridgeProgram, `--port=${port}`],
    home,
    log: `${home}/logs/bridge.log`,
  });

interface Job {
  label: string;
  words: readonly string[];
  home: string;
  log: string;
}

const plist = ({ label, words, home, log }: Job): string => `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${label}</string>
  <key>ProgramArguments</key>
  <array>
${words.map((word) => `    <string>${escaped(word)}</string>`).join('\n')}
  </array>
  <key>EnvironmentVariables</key>
  <dict>
    <key>NAVIS_HOME</key>
    <string>${escaped(home)}</string>
  </dict>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>AbandonProcessGroup</key>
  <true/>
  <key>StandardOutPath</key>
  <string>${escaped(log)}</string>
  <key>StandardErrorPath</key>
  <string>${escaped(log)}</string>
</dict>
</plist>
`;

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
