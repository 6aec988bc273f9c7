/** Puts together what shows a machine that a person allowed a call: a signed text with the enrolments of its signer (N12). */
import type { CallAuthority, SignedText } from '@navisai/protocol';
import type { StoreReader } from '@navisai/store';

/** As long as a verifier follows. */
const maxChain = 16;

export const authorityOf = async (
  { enrolments }: Pick<StoreReader, 'enrolments'>,
  { signed, ownerId }: { signed: SignedText; ownerId: string },
): Promise<CallAuthority> => {
  const chain: SignedText[] = [];
  let deviceId = signed.deviceId;
  while (deviceId !== ownerId && chain.length < maxChain) {
    const enrolment = await enrolments.get(deviceId);
    if (enrolment === undefined) break;
    chain.push(enrolment);
    deviceId = enrolment.deviceId;
  }
  return { signed, enrolments: chain };
};
