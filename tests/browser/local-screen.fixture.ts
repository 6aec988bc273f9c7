/** The screen as a local terminal would show it: the same bytes on an emulator of our own. */
import headless from '@xterm/headless';

export interface ScreenSize {
  columns: number;
  rows: number;
}

/** The visible rows after `bytes`, without what is empty at their ends. */
export const localScreen = async (bytes: Uint8Array, size: ScreenSize): Promise<string> => {
  const terminal = new headless.Terminal({
    cols: size.columns,
    rows: size.rows,
    scrollback: 10_000,
    allowProposedApi: true,
  });
  await new Promise<void>((resolve) => terminal.write(bytes, resolve));
  const { active } = terminal.buffer;
  const rows = Array.from({ length: size.rows }, (_, row) =>
    (active.getLine(active.baseY + row)?.translateToString(true) ?? '').trimEnd(),
  );
  terminal.dispose();
  return rows.join('\n').trimEnd();
};
