/** `navisai chat`: talk to an agent in this terminal. */
import { maxMessageLength, maxPathLength } from '@navisai/protocol';
import { defineCommand } from '../command-line/command.types.ts';
import { withHub } from '../hub/connect.ts';
import { sessionIdFormat } from '../hub/session.ts';
import { nodeFlag, resolveNode } from '../nodes/find-node.ts';
import { nodeOfProfile } from '../nodes/node-of-profile.ts';
import { workingDirectory } from '../nodes/working-directory.ts';
import { usageError } from '../output/command-error.ts';
import type { Output } from '../output/output.ts';
import { readStream } from '../output/text-input.ts';
import { openConversation } from '../chat/open-conversation.ts';

export const chat = defineCommand({
  summary: 'Talk to an agent, here or with one question from a script.',
  details: `Without words it is a dialogue: what you type while the agent works reaches it at its next step, Ctrl-C stops it, Ctrl-D or /exit leaves; the conversation stays and goes on with --continue or in the browser. What is pasted, and a line that ends in a backslash, goes on with the next line. With words it is one question: the answer goes to stdout, everything else to stderr. What stands on stdin is put below the question.

What needs your approval is asked right here, or waits in the inbox when nobody can be asked: navisai approvals. A line that begins with ! runs a command without a model, /help lists what else acts at once, and /continue goes on with a run that was interrupted, stopped or failed.

Exit codes: 0 when the agent finished, 1 when it failed or ran into a limit, 130 after it was stopped. With --json: every event of the conversation as one line, live. Each character of a text comes in one line: the answer is data.text of the lines of type stream_delta whose data.kind is text, joined in their order.`,
  examples: [
    { command: 'navisai chat', note: 'a dialogue about this directory' },
    { command: 'navisai chat "which process has port 8080?"', note: 'one question' },
    { command: 'cat build.log | navisai chat "why did it fail?"', note: 'about a text' },
    { command: 'navisai chat --node nas --profile server_admin "is the disk healthy?"', note: 'on another machine' },
    { command: 'navisai chat --continue', note: 'go on with the last conversation' },
    {
      command: `navisai chat --json "why?" | jq -j 'select(.type == "stream_delta" and .data.kind == "text").data.text'`,
      note: 'the answer alone, as it comes',
    },
    { command: 'navisai chat --agent opencode', note: 'with another agent, its calls under your approvals' },
  ],
  flags: {
    profile: {
      type: 'text',
      short: 'p',
      placeholder: '<id>',
      maxLength: 64,
      summary: 'Profile of the agent; default: developer.',
    },
    model: {
      type: 'text',
      short: 'm',
      placeholder: '<provider/model>',
      maxLength: 200,
      summary: "Model; default: the profile's.",
    },
    approvals: {
      type: 'choice',
      choices: ['never', 'risky', 'always'],
      summary: "When it asks; default: the profile's.",
    },
    cwd: {
      type: 'text',
      placeholder: '<directory>',
      completes: 'directories',
      maxLength: maxPathLength,
      summary: 'Directory it works in; default: this one, on other nodes the home there.',
    },
    continue: { type: 'boolean', short: 'c', summary: 'Go on with your last conversation.' },
    session: {
      type: 'text',
      short: 's',
      placeholder: '<id>',
      maxLength: 64,
      format: sessionIdFormat,
      completes: 'sessions',
      summary: 'Go on with this conversation.',
    },
    agent: {
      type: 'text',
      placeholder: '<name>',
      maxLength: 64,
      completes: ['claude', 'codex', 'gemini', 'opencode'],
      summary: 'Talk to this agent of the Agent Client Protocol, installed on the node, instead of the own one.',
    },
    ...nodeFlag,
  },
  rest: { name: 'question', summary: 'What you want to know or to have done.', optional: true },
  async run({ flags, rest, output }) {
    const isTerminal = process.stdin.isTTY === true;
    if (flags.agent !== undefined && (flags.continue || flags.session !== undefined))
      throw usageError('--agent is chosen when a conversation begins.', 'Leave out --continue and --session.');
    if (flags.continue && flags.session !== undefined)
      throw usageError('--continue and --session contradict each other.');
    const question = await questionFrom(rest, { isTerminal, output });
    if (question === null && output.isJson) throw usageError('--json needs a question.', 'navisai chat --json "…"');
    return withHub(async (hub) => {
      const nodeId = await resolveNode(hub.api, flags.node);
      const { approvals, profile, model, agent: acpAgent } = flags;
      const directory = await workingDirectory(flags.cwd, nodeId ?? (await nodeOfProfile(hub.api, profile)));
      const wanted = { profile, model, approvals, nodeId, directory, acpAgent };
      const session = await openConversation(hub.api, { ...wanted, sessionId: flags.session, goOn: flags.continue });
      const { runChat } = await import('../chat/run-chat.ts');
      if (question === null) output.remark(`${session.title}  (${session.id}; /help, Ctrl-D leaves)`);
      return runChat({ hub, sessionId: session.id, question, isInteractive: isTerminal && !output.isJson, output });
    });
  },
});

/** The words, with what stands on stdin below them; `null`: there is neither. */
const questionFrom = async (
  words: readonly string[],
  { isTerminal, output }: { isTerminal: boolean; output: Output },
): Promise<string | null> => {
  const asked = words.join(' ').trim();
  const piped = isTerminal ? '' : await readPiped(output);
  if (asked === '' && piped === '') {
    if (isTerminal) return null;
    throw usageError('There is no question, and stdin is empty.', 'navisai chat "…"');
  }
  const fence = fenceAround(piped);
  const text = piped === '' ? asked : asked === '' ? piped : `${asked}\n\n${fence}\n${piped}\n${fence}`;
  if (text.length > maxMessageLength)
    throw usageError(
      `The message is too long: more than ${maxMessageLength} characters.`,
      'Send less, such as: … | tail -n 500 | navisai chat "…"',
    );
  return text;
};

/** Longer than any in the text, which would end it early. */
const fenceAround = (text: string): string => {
  const longest = Math.max(2, ...Array.from(text.matchAll(/`{3,}/g), ([run]) => run.length));
  return '`'.repeat(longest + 1);
};

/** A program that writes nothing and does not end looks like a hang. */
const hintAfterMs = 3_000;

const readPiped = async (output: Output): Promise<string> => {
  const say = (): void => output.remark('navisai: waiting for the end of stdin; nothing to read? Add: < /dev/null');
  const hint = setTimeout(say, hintAfterMs);
  try {
    return (await readStream(process.stdin, 'stdin')).trimEnd();
  } finally {
    clearTimeout(hint);
  }
};
