/** What a call of any tool would do, from its arguments: the text that runs, its risk, the places that it names (A1). */
import {
  parseCodeExecCall,
  parseFilesystemCall,
  parseSshExecCall,
  parseTerminalCall,
  type CodeExecCall,
  type Risk,
  type SshExecCall,
  type TerminalCall,
} from '@navisai/protocol';
import { judgeCommand } from './command-risk.ts';
import { describeFilesystem, pathFindings } from './describe-files.ts';
import { inBrackets, line, nothing, placeOf, type DescribedCall } from './described-call.ts';
import type { Place } from './places.ts';
import { gravest } from './risk.ts';
import type { RiskFinding } from './risk.ts';
import { finding } from './words.ts';

export interface CallToDescribe {
  tool: string;
  arguments: unknown;
  /** Of tools that the hub itself carries out. */
  risk?: Risk | undefined;
  place: Place;
}

/** Throws INVALID_ARGUMENT for arguments that the tool will not take. */
export const describeCall = ({ tool, arguments: given, risk, place }: CallToDescribe): DescribedCall => {
  switch (tool) {
    case 'terminal':
    case 'remote_terminal':
      return describeTerminal(tool, parseTerminalCall(given).call, place);
    case 'filesystem':
    case 'remote_filesystem':
      return describeFilesystem(tool, parseFilesystemCall(given).call, place);
    case 'code_exec':
      return describeCode(parseCodeExecCall(given), place);
    case 'ssh_exec':
      return describeSsh(parseSshExecCall(given).call, place);
    default:
      return describeOther(tool, given, risk);
  }
};

const unmasked = (text: string): RiskFinding[] => [
  finding('privilege', text, "It would run outside of the sandbox that hides Navis's own keys and state."),
];

const describeTerminal = (tool: string, call: TerminalCall, place: Place): DescribedCall => {
  const name = `${tool}.${call.action}`;
  switch (call.action) {
    case 'run':
    case 'open': {
      const isInOpenShell = call.action === 'run' && call.terminal_name !== undefined;
      const where = isInOpenShell ? { ...place, directory: undefined } : placeOf(place, call.working_dir);
      const judged = judgeCommand({ text: call.command, place: where, isInOpenShell });
      const isUnmasked = call.unconfined === true;
      const findings = [...judged.findings, ...(isUnmasked ? unmasked(call.command) : [])];
      const verb = call.action === 'open' ? 'Open' : 'Run';
      const inTerminal = call.terminal_name === undefined ? '' : ` in ${call.terminal_name}`;
      return {
        name,
        summary: line(`${verb}${inTerminal}: ${call.command}`),
        text: call.command,
        risk: gravest(findings),
        findings,
        command: judged.analysis,
        workingDirectory: where.directory ?? null,
        paths: [],
        isUnmasked,
      };
    }
    case 'send_input': {
      const reason = 'What takes the text, a shell or a program, is only known where it runs.';
      const findings = [
        ...judgeCommand({ text: call.input, place, isInOpenShell: true }).findings.filter(
          ({ risk }) => risk !== 'unknown',
        ),
        finding('unknown', call.terminal_name, reason),
      ];
      return {
        ...nothing,
        name,
        summary: line(`Type into ${call.terminal_name}: ${call.input}`),
        text: call.input,
        risk: gravest(findings),
        findings,
      };
    }
    case 'close': {
      const findings = [finding('changing', call.terminal_name, 'It ends the terminal with everything it started.')];
      return {
        ...nothing,
        name,
        summary: `Close the terminal ${call.terminal_name}`,
        text: `close ${call.terminal_name}`,
        risk: 'changing',
        findings,
      };
    }
    case 'list':
    case 'status': {
      const text = call.action === 'list' ? 'list' : `status ${call.terminal_name}`;
      return { ...nothing, name, summary: text, text, risk: 'reading' };
    }
  }
};

const describeCode = (call: CodeExecCall, given: Place): DescribedCall => {
  const place = placeOf(given, call.working_dir);
  const opaque = finding('unknown', call.language, 'A program text is not read here: it may do anything.');
  const findings = [...(call.language === 'shell' ? judgeCommand({ text: call.code, place }).findings : []), opaque];
  const words = call.args === undefined ? '' : `\nargs: ${JSON.stringify(call.args)}`;
  const input = call.stdin === undefined ? '' : `\nstdin:\n${call.stdin}`;
  return {
    ...nothing,
    name: 'code_exec',
    summary: line(`Run ${call.language}: ${call.code}`),
    text: `${call.code}${words}${input}`,
    risk: gravest(findings),
    findings,
    workingDirectory: place.directory ?? null,
  };
};

const describeSsh = (call: SshExecCall, given: Place): DescribedCall => {
  const place = placeOf(given, call.working_dir);
  const target = `${call.user === undefined ? '' : `${call.user}@`}${call.host}${call.port === undefined ? '' : `:${call.port}`}`;
  const means = inBrackets(
    call.host_key !== undefined && `accepting the host key ${call.host_key}`,
    call.identity_file !== undefined && `with the key ${call.identity_file}`,
    call.action === 'download' && call.overwrite === true && 'replacing it',
  );
  const far = finding('network', target, 'It acts on another machine.');
  const common = { ...nothing, name: `ssh_exec.${call.action}`, workingDirectory: place.directory ?? null };
  if (call.action === 'run') {
    const judged = judgeCommand({ text: call.command, place: { home: place.home }, isInOpenShell: true });
    const findings = [far, ...judged.findings];
    const summary = line(`On ${target}: ${call.command}`);
    return { ...common, summary, text: `ssh ${target}${means}\n${call.command}`, risk: gravest(findings), findings };
  }
  const isUpload = call.action === 'upload';
  const findings = [
    far,
    ...pathFindings(call.local_path, isUpload ? 'read' : 'write', place),
    ...pathFindings(call.remote_path, isUpload ? 'write' : 'read', { home: place.home }),
  ];
  const [from, to] = isUpload
    ? [call.local_path, `${target}:${call.remote_path}`]
    : [`${target}:${call.remote_path}`, call.local_path];
  const text = `${call.action} ${from} to ${to}${means}`;
  return { ...common, summary: line(text), text, risk: gravest(findings), findings, paths: [call.local_path] };
};

const describeOther = (tool: string, given: unknown, risk: Risk | undefined): DescribedCall => {
  const text = given === undefined ? tool : `${tool} ${JSON.stringify(given, undefined, 2)}`;
  const own = risk ?? (touchNothing.has(tool) ? 'reading' : 'unknown');
  const findings = own === 'reading' ? [] : [finding(own, tool, `${tool} is taken for ${risks[own]}.`)];
  return { ...nothing, name: tool, summary: line(`${tool} ${JSON.stringify(given ?? {})}`), text, risk: own, findings };
};

/** Calls of a sub-agent are judged one by one. */
export const touchNothing: ReadonlySet<string> = new Set(['tool_manual', 'plan', 'spawn_agent']);

const risks: Record<Risk, string> = {
  reading: 'reading',
  changing: 'changing',
  network: 'talking to other machines',
  unknown: 'something that is not known here',
  privilege: 'acting with more rights',
  destruction: 'destroying',
};

/** Input of a terminal that is open: what it does depends on what reads it there. */
export const isTyped = ({ name }: Pick<DescribedCall, 'name'>): boolean => name.endsWith('terminal.send_input');
