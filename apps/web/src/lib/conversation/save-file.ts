/** Hands a file to the person's own disk. */

const keptMs = 60_000;

export const saveFile = (file: { name: string; bytes: Uint8Array<ArrayBuffer> }): void => {
  // Never opened in this page's origin: what an agent made cannot act as the person (A8).
  const url = URL.createObjectURL(new Blob([file.bytes], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = file.name.replaceAll(/[/\\]/g, '_');
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), keptMs);
};
