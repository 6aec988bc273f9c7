/** What every part of a conversation page may ask for. */
import type { MessageItem } from '@navisai/client';
import type { SessionWithTerminals } from '@navisai/protocol';
import type { Component } from 'svelte';
import { createContext } from 'svelte';
import type { ConversationView } from './conversation-view.svelte.ts';

export interface ConversationActions {
  /** Sets the message and what follows aside, and says this instead, with the files of the message. */
  resend: (message: MessageItem['message'], text: string) => Promise<void>;
  /** A new conversation with everything before the message. */
  fork: (messageId?: string) => Promise<void>;
  continueRun: () => Promise<void>;
  copy: (text: string) => void;
}

export interface ConversationContext {
  readonly view: ConversationView;
  /** Draws any item: what holds others draws them with it. */
  readonly Row: Component<{ itemKey: string; isNested?: boolean }>;
  /** As the hub tells it; absent while it is asked. */
  readonly session: SessionWithTerminals | undefined;
  readonly mayWrite: boolean;
  readonly actions: ConversationActions;
  /** Key of the message that is being said otherwise. */
  readonly editing: string | undefined;
  readonly edit: (key: string | undefined) => void;
  /** What the person opened or closed by hand, so that it stays so while it is out of view. */
  readonly folds: Map<string, boolean>;
}

export const [useConversation, provideConversation] = createContext<ConversationContext>();
