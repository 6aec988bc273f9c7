/** Draws a link as a QR code; the drawing code loads when it is first needed. */

export const drawQrCode = async (text: string): Promise<string> => {
  const { renderSVG } = await import('uqr');
  return renderSVG(text, { border: 2, whiteColor: '#ffffff', blackColor: '#0c1116' });
};
