/**
 * The loop of a sub-agent on this node (N8): the same loop as the hub's. Its model is asked through the hub, and each of
 * its calls is the hub's to allow. Its code is loaded with the first run: a node without one stays small (M1).
 */
import type { AgentModel, AgentTool } from '@navisai/agent';
import { newId } from '@navisai/protocol';
import type { AgentLoop, ServedRun } from '@navisai/remote';

export const agentLoop: AgentLoop = async function* (run) {
  const { runAgent } = await import('@navisai/agent');
  const { system, messages, temperature, limits } = run.spec;
  yield* runAgent({
    system,
    messages,
    model: modelOf(run),
    tools: toolsOf(run),
    temperature,
    limits,
    // Nobody speaks to a sub-agent but the one that started it.
    takeSteering: async () => [],
    newCallId: () => newId('call'),
    now: Date.now,
    signal: run.signal,
  });
};

/** Retries and fallback are the hub's. */
const modelOf = ({ spec, model }: ServedRun): AgentModel => ({
  reference: spec.model,
  contextTokens: spec.contextTokens,
  stream: ({ signal, system, messages, tools, temperature, maxOutputTokens }) =>
    model({ system, messages: [...messages], tools: [...tools], temperature, maxOutputTokens }, signal),
});

const toolsOf = ({ spec, call }: ServedRun): AgentTool[] =>
  spec.tools.map((tool) => ({ ...tool, execute: (asked) => call({ ...asked, tool: tool.name }) }));
