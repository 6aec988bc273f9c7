/** Command lines that change something, or read a secret, in ways that may hide it: none may run unasked (A1, A8). */
import { disguisedCommands } from './disguised-commands.fixture.ts';
import { gitWords } from './git-words.fixture.ts';
import { hiddenDoings } from './hidden-doings.fixture.ts';
import { nearReading } from './near-reading.fixture.ts';
import { plainCommands } from './plain-commands.fixture.ts';
import { runningCommands } from './running-commands.fixture.ts';
import { secretCommands } from './secret-commands.fixture.ts';
import { seldomOptions } from './seldom-options.fixture.ts';
import { shellTexts } from './shell-texts.fixture.ts';
import { shellTricks } from './shell-tricks.fixture.ts';
import { sideDoors } from './side-doors.fixture.ts';

export const evasiveCommands: Readonly<Record<string, readonly string[]>> = {
  ...plainCommands,
  ...disguisedCommands,
  ...runningCommands,
  ...secretCommands,
  ...seldomOptions,
  ...shellTexts,
  ...shellTricks,
  ...sideDoors,
  ...gitWords,
  ...nearReading,
  ...hiddenDoings,
};
