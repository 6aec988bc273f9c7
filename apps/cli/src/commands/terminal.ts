/** `navisai terminal`: comfortable forms of the tool `terminal`. */
import type { CommandGroup } from '../command-line/command.types.ts';
import { close } from './terminal/close.ts';
import { list } from './terminal/list.ts';
import { open } from './terminal/open.ts';
import { run } from './terminal/run.ts';
import { send } from './terminal/send.ts';
import { status } from './terminal/status.ts';

export const terminal: CommandGroup = {
  summary: 'Open, list, inspect, type into and close terminals.',
  details: 'A terminal is a program on a screen of its own that goes on until it ends or is closed.',
  examples: [
    { command: 'navisai terminal open web --description "dev server" -- npm run dev', note: 'it just works' },
    { command: 'navisai attach web', note: 'use it' },
  ],
  commands: { open, list, status, send, close, run },
  defaultCommand: 'list',
};
