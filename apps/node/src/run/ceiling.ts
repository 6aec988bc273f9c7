/** The node's own ceiling, judged before anything is served (N12). */
import { ceilingSchema, type MachinePolicy, NavisError } from '@navisai/protocol';
import { readFileIfThere } from '../settings/private-file.ts';

/** Throws NavisError INVALID_ARGUMENT: a ceiling that cannot be understood must not be taken for none. */
export const requireReadableCeiling = (path: string): void => {
  const text = readFileIfThere(path);
  if (text === undefined) return;
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new NavisError('INVALID_ARGUMENT', `${path} is not valid JSON. Nothing is served until it is.`);
  }
  const parsed = ceilingSchema.safeParse(content);
  if (parsed.success) return;
  const [issue] = parsed.error.issues;
  const where = issue?.path.map(String).join('.') ?? '';
  throw new NavisError(
    'INVALID_ARGUMENT',
    `${path}: ${where === '' ? '' : `${where} `}${issue?.message ?? 'is not valid'}. Nothing is served until it is.`,
    { field: 'policy.json' },
  );
};

/** Throws NavisError SANDBOX_UNAVAILABLE where commands could reach the node's own key and ceiling. */
export const requireEnforceable = ({ ceiling, ceilingFile, sandbox }: MachinePolicy): void => {
  if (ceiling === null || sandbox !== 'none') return;
  if (Object.entries(ceiling).every(([name, value]) => name === 'version' || value === undefined)) return;
  throw new NavisError(
    'SANDBOX_UNAVAILABLE',
    `${ceilingFile} limits what may run here, and nothing on this machine can enforce it. Install bubblewrap (apt install bubblewrap, dnf install bubblewrap), allow unprivileged user namespaces, or remove the file. Nothing is served.`,
  );
};
