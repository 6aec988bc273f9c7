/** The prompt that the last run really sent, or that the first would send (P3). */
import type { AgentMessage } from '@navisai/agent';
import type { Session } from '@navisai/protocol';
import type { StoreKeeper } from '@navisai/store';
import type { Models, Prompts, Toolbox } from '../agents.types.ts';
import { orderOfSession, type SettingsParts } from '../runs/run-order.ts';
import type { AgentMessages } from './agent-messages.ts';

export interface PromptParts extends SettingsParts {
  keeper: StoreKeeper;
  models: Models;
  prompts: Prompts;
  toolbox: Toolbox;
  messages: AgentMessages;
}

export interface SentPrompt {
  profile: string;
  model: string | null;
  system: string;
  tools: { name: string; description: string; schema: Record<string, unknown> }[];
}

export interface ShownPrompt extends SentPrompt {
  runId: string | null;
  messages: { role: string; [field: string]: unknown }[];
}

export const showPrompt = async (parts: PromptParts, session: Session): Promise<ShownPrompt> => {
  const { conversations } = parts.keeper.store.read;
  const kept = await conversations.prompt(session.id);
  const context = await parts.messages.read(await conversations.context(session.id, ''));
  const messages = context.map(withoutBytes);
  if (kept !== undefined) return { runId: kept.runId, ...(kept.prompt as SentPrompt), messages };
  return { runId: null, ...(await firstPrompt(parts, session)), messages };
};

/** Files are named, not shown. */
const withoutBytes = (message: AgentMessage): { role: string } => {
  if (message.role !== 'user' || message.attachments === undefined) return { ...message };
  const attachments = message.attachments.map(({ name, mediaType }) => ({ name, mediaType }));
  return { ...message, attachments } as { role: string };
};

const firstPrompt = async (parts: PromptParts, session: Session): Promise<SentPrompt> => {
  const order = await orderOfSession(session, parts);
  const actor = { ...order.actor, session, runId: null };
  const tools = parts.toolbox.toolsFor(actor);
  return {
    profile: actor.profile.id,
    model: parts.models.hasAny() ? parts.models.resolve(order.model).reference : null,
    system: await parts.prompts.systemPrompt(actor, tools),
    tools: tools.map(({ name, description, schema }) => ({ name, description, schema })),
  };
};
