/** What a person may mean while a message is being written: commands and their completions (A4). */

export interface Hint {
  /** What it is called, such as `/open`. */
  label: string;
  does: string;
  /** The text that stands there when it is chosen. */
  text: string;
}

export interface HintFacts {
  terminals: readonly string[];
  nodes: readonly string[];
  profiles: readonly string[];
  models: readonly string[];
}

const commands: readonly { name: string; rest: string; does: string; values?: keyof HintFacts }[] = [
  { name: 'open', rest: ' <name> <command>', does: 'Open a terminal that goes on in the background' },
  { name: 'close', rest: ' <name>', does: 'End a terminal', values: 'terminals' },
  { name: 'list', rest: '', does: 'List the terminals of this conversation' },
  { name: 'status', rest: ' <name>', does: 'Show the last lines of a terminal', values: 'terminals' },
  { name: 'stop', rest: '', does: 'Stop what the agent does' },
  { name: 'node', rest: ' <name>', does: 'Act on another node', values: 'nodes' },
  { name: 'profile', rest: ' <id>', does: 'Give the agent another profile', values: 'profiles' },
  { name: 'model', rest: ' <provider/model>', does: 'Give the agent another model', values: 'models' },
  { name: 'help', rest: '', does: 'Show what can be written' },
];
const maxHints = 9;

/** Nothing for what is said to the agent. */
export const hintsFor = (text: string, facts: HintFacts): Hint[] => {
  const typed = /^\/([a-z]*)$/.exec(text)?.[1];
  if (typed !== undefined) {
    const found = commands.filter(({ name }) => name.startsWith(typed));
    if (found.length === 1 && found[0]?.name === typed) return [];
    return found.map(({ name, rest, does }) => ({
      label: `/${name}${rest}`,
      does,
      text: rest === '' ? `/${name}` : `/${name} `,
    }));
  }
  const [, name, value = ''] = /^\/([a-z]+) (\S*)$/.exec(text) ?? [];
  const values = commands.find((command) => command.name === name)?.values;
  if (values === undefined) return [];
  return facts[values]
    .filter((one) => one.startsWith(value) && one !== value)
    .slice(0, maxHints)
    .map((one) => ({ label: one, does: '', text: `/${name} ${one}` }));
};

/** What happens on Enter, when it is not said to the agent. */
export const meaningOf = (text: string, node: string): string | undefined => {
  if (text.startsWith('!')) return `Runs on ${node}, without the agent`;
  const name = /^\/([a-z]+)(\s|$)/.exec(text)?.[1];
  const known = commands.find((command) => command.name === name);
  return known === undefined ? undefined : known.does;
};
