/** The property list that runs a node under launchd. */
import { join } from 'node:path';
import type { ServiceRun } from './systemd-unit.ts';

export interface LaunchdRun extends ServiceRun {
  label: string;
  logs: string;
}

/** AbandonProcessGroup keeps the hosts of terminals; after a refusal the program ends well and stays down. */
export const launchdPlist = ({ label, command, isSystem, user, logs }: LaunchdRun): string =>
  `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${escapeXml(label)}</string>
  <key>ProgramArguments</key>
  <array>
${supervised(command)
  .map((word) => `    <string>${escapeXml(word)}</string>\n`)
  .join('')}  </array>
${isSystem && user !== undefined ? `  <key>UserName</key>\n  <string>${escapeXml(user)}</string>\n` : ''}  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>AbandonProcessGroup</key>
  <true/>
  <key>ThrottleInterval</key>
  <integer>2</integer>
  <key>StandardOutPath</key>
  <string>${escapeXml(join(logs, 'service.log'))}</string>
  <key>StandardErrorPath</key>
  <string>${escapeXml(join(logs, 'service.log'))}</string>
</dict>
</plist>
`;

/** launchd knows no exit codes but 0: those that a restart does not help become 0. */
const supervised = (command: readonly string[]): string[] => [
  '/bin/sh',
  '-c',
  'trap "kill -TERM \\$p" TERM; "$@" & p=$!; wait $p; c=$?; case $c in 2|4|6|7) exit 0;; *) exit $c;; esac',
  'navis-node',
  ...command,
];

export const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
