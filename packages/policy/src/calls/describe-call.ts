/** What a call of any tool would do, from its arguments: the text that runs, its risk, the places that it names (A1). */
import {
  parseCodeExecCall,
  parseFilesystemCall,
  parseSshExecCall,
  parseTerminalCall,
  type CodeExecCall,
  type FilesystemCall,
  type Risk,
  type SshExecCall,
  type TerminalCall,
} from '@navisai/protocol';
import { judgeCommand } from './command-risk.ts';
import type { CommandRisk } from './command-risk.ts';
import { isSecretPath, isSteeringPath } from './places.ts';
import type { Place } from './places.ts';
import { gravest } from './risk.ts';
import type { RiskFinding } from './risk.ts';
import { finding } from './words.ts';

export interface DescribedCall {
  /** `terminal.run`, or the tool where it has no actions. */
  name: string;
  /** In a line. */
  summary: string;
  /** Whole: what a shell, an interpreter or a file gets. */
  text: string;
  risk: Risk;
  findings: RiskFinding[];
  /** Of calls that give a text to a shell. */
  command: CommandRisk['analysis'] | null;
  workingDirectory: string | null;
  /** Named by its arguments, outside of command lines. */
  paths: string[];
  isUnmasked: boolean;
}

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

const nothing = { command: null, workingDirectory: null, paths: [], isUnmasked: false, findings: [] };

const placeOf = (place: Place, workingDirectory: string | undefined): Place =>
  workingDirectory === undefined
    ? { ...place, directory: place.directory ?? place.home }
    : { ...place, directory: workingDirectory };

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

const describeFilesystem = (tool: string, call: FilesystemCall, given: Place): DescribedCall => {
  const place = placeOf(given, call.working_dir);
  const path = call.path ?? call.working_dir ?? place.directory ?? '~';
  const to = 'to' in call ? call.to : undefined;
  const paths = to === undefined ? [path] : [path, to];
  const findings = filesystemFindings(call, { path, to, place });
  const text = filesystemText(call, path);
  return {
    ...nothing,
    name: `${tool}.${call.action}`,
    summary: line(text.split('\n', 1)[0] ?? ''),
    text,
    risk: gravest(findings),
    findings,
    workingDirectory: place.directory ?? null,
    paths,
  };
};

interface FilePaths {
  path: string;
  to: string | undefined;
  place: Place;
}

const filesystemFindings = (call: FilesystemCall, { path, to, place }: FilePaths): RiskFinding[] => {
  const read = (one: string): RiskFinding[] => (one.startsWith('navis://') ? [] : pathFindings(one, 'read', place));
  const write = (one: string): RiskFinding[] => pathFindings(one, 'write', place);
  switch (call.action) {
    case 'read':
    case 'grep':
      return read(path);
    case 'list':
    case 'find':
      return [];
    case 'diff':
      return [...read(path), ...(to === undefined ? [] : read(to))];
    case 'write':
      return [...write(path), ...(givesRights(call.mode) ? [finding('privilege', path, asItsOwner)] : [])];
    case 'edit':
      return write(path);
    case 'copy': {
      const network =
        call.to_node_id === undefined ? [] : [finding('network', call.to_node_id, 'It sends files to another node.')];
      return [...read(path), ...write(call.to), ...network];
    }
    case 'move':
      return [...write(path), ...write(call.to)];
    case 'delete':
      if (call.dry_run === true) return [];
      return call.recursive === true
        ? [...write(path), finding('destruction', path, 'It removes the directory with all that is in it.')]
        : write(path);
  }
};

const asItsOwner = 'Whoever runs it acts with the rights of its owner or group.';

/** The bits setuid and setgid. */
const givesRights = (mode: string | undefined): boolean => (Number.parseInt(mode ?? '0', 8) & 0o6000) !== 0;

/** Of one path, as written or as it really is. */
export const pathFindings = (path: string, access: 'read' | 'write', place: Place): RiskFinding[] => {
  const isSecret = isSecretPath(path, place);
  if (access === 'read') return isSecret ? [finding('privilege', path, 'It is a place of well-known secrets.')] : [];
  if (isSecret || isSteeringPath(path, place))
    return [finding('privilege', path, 'What is written there decides what runs later, or belongs to the system.')];
  return [finding('changing', path, 'It changes the file.')];
};

const filesystemText = (call: FilesystemCall, path: string): string => {
  switch (call.action) {
    case 'write':
      return `write ${path}${inBrackets(
        call.encoding === 'base64' && 'base64',
        call.mode !== undefined && `mode ${call.mode}`,
        call.create_parents === true && withParents,
      )}\n${call.content}`;
    case 'edit':
      return [
        `edit ${path}`,
        ...call.edits.map(({ find, replace }) => `${marked('-', find)}\n${marked('+', replace)}`),
      ].join('\n');
    case 'copy':
    case 'move': {
      const node = call.action === 'copy' && call.to_node_id !== undefined ? `${call.to_node_id}:` : '';
      return `${call.action} ${path} to ${node}${call.to}${inBrackets(
        call.action === 'copy' && call.recursive === true && 'with all that is in it',
        call.overwrite === true && 'replacing it',
        call.create_parents === true && withParents,
      )}`;
    }
    case 'delete':
      return `delete ${path}${call.recursive === true ? ' with all that is in it' : ''}`;
    case 'find':
    case 'grep':
      return `${call.action} ${call.pattern ?? '*'} in ${path}`;
    default:
      return `${call.action} ${path}`;
  }
};

const withParents = 'with missing directories';

/** What else has an effect: the text shown is all that is done. */
const inBrackets = (...notes: (string | false)[]): string => {
  const told = notes.filter((note) => note !== false);
  return told.length === 0 ? '' : ` (${told.join(', ')})`;
};

const marked = (mark: string, text: string): string =>
  text
    .split('\n')
    .map((each) => `${mark} ${each}`)
    .join('\n');

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

const maxLine = 300;
const line = (text: string): string => {
  const flat = text.replaceAll(/\s+/g, ' ').trim();
  return flat.length > maxLine ? `${flat.slice(0, maxLine)}…` : flat;
};
