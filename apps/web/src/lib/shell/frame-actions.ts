/** What the frame around the pages does for them: open the form for a terminal, open the palette. */
import { createContext } from 'svelte';

export interface FrameActions {
  openTerminal: (sessionId?: string, nodeId?: string) => void;
  jump: () => void;
}

export const [useFrameActions, provideFrameActions] = createContext<FrameActions>();
