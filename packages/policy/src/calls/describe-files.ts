/** What a call of `filesystem` would do (A1). */
import type { FilesystemCall } from '@navisai/protocol';
import { inBrackets, line, nothing, placeOf, type DescribedCall } from './described-call.ts';
import { isSecretPath, isSteeringPath } from './places.ts';
import type { Place } from './places.ts';
import { gravest } from './risk.ts';
import type { RiskFinding } from './risk.ts';
import { finding } from './words.ts';

export const describeFilesystem = (tool: string, call: FilesystemCall, given: Place): DescribedCall => {
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

const marked = (mark: string, text: string): string =>
  text
    .split('\n')
    .map((each) => `${mark} ${each}`)
    .join('\n');
