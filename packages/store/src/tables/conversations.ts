/** Tables of conversations: messages as a model reads them, runs, attached and published files (A3). */
export type ConversationTables = Record<never, never>;

export const conversationTables: readonly string[] = [];
