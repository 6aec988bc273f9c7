/** `navisai completion`: what a shell needs to complete commands, flags, and names of terminals. */
import { completionScripts, type Shell } from '../completion/scripts.ts';
import { defineCommand } from '../command-line/command.types.ts';

const shells = ['bash', 'zsh', 'fish'] as const satisfies readonly Shell[];

export const completion = defineCommand({
  summary: 'Print completions for bash, zsh or fish.',
  details: 'Commands, flags, choices, and the names of terminals, sessions, devices and approvals of a running hub.',
  examples: [
    { command: 'source <(navisai completion bash)', note: 'bash; put it into ~/.bashrc' },
    { command: 'source <(navisai completion zsh)', note: 'zsh, after compinit; put it into ~/.zshrc' },
    { command: 'navisai completion fish > ~/.config/fish/completions/navisai.fish', note: 'fish' },
  ],
  flags: {},
  positionals: [{ name: 'shell', summary: shells.join(', '), completes: shells, choices: shells }],
  async run({ positionals, output }) {
    const script = completionScripts[positionals.shell as Shell];
    output.result({ shell: positionals.shell, script }, () => script);
  },
});
