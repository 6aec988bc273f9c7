/** What a person said, as an ACP agent takes it (I19). */
import type { ContentBlock } from '@agentclientprotocol/sdk';
import type { AgentMessage } from '@navisai/agent';

export const blocksOf = (
  { text, attachments = [] }: AgentMessage & { role: 'user' },
  takesImages: boolean,
): ContentBlock[] => {
  const blocks = attachments.map(({ name, mediaType, data }): ContentBlock => {
    if (takesImages && mediaType.startsWith('image/')) return { type: 'image', data, mimeType: mediaType };
    if (mediaType.startsWith('text/'))
      return { type: 'text', text: `${name}:\n${Buffer.from(data, 'base64').toString('utf8')}` };
    return { type: 'text', text: `[attached file ${name}, ${mediaType}]` };
  });
  return [...blocks, { type: 'text', text }];
};
