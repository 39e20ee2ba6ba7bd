import { digest } from "../documents/jws.js";
import { keysFile, VectorBuilder, type VectorFile } from "./vectors.js";
import { testParties } from "./identities.js";
import { base64urlFile, descriptorFile, joinStringFile, signedDescriptors } from "./vector-identity.js";
import {
  activationFile,
  contractFile,
  noticeFile,
  peeringFile,
  receiptFile,
  signedContract,
} from "./vector-contract.js";
import { challengeFile, enrolFile, joinTokenFile, offerFile, requestFile, withdrawalFile } from "./vector-requests.js";

/** The files with encrypted documents, which differ whenever they are made; all others are the same every time. */
export const ENCRYPTED_FILES = ["join-token", "peering"];

/** Every file of schema/vectors by its name, without the extension. */
export async function vectorFiles(): Promise<Readonly<Record<string, object>>> {
  const parties = await testParties();
  const descriptors = await signedDescriptors(parties);
  const file = (description: string): VectorBuilder => new VectorBuilder(parties, description);
  const offer = await offerFile(file, descriptors);
  const contract = await signedContract(parties, descriptors, await digest(offerOf(offer)));
  return {
    keys: await keysFile(),
    base64url: await base64urlFile(file),
    "join-string": await joinStringFile(file),
    descriptor: await descriptorFile(file, descriptors),
    offer,
    withdrawal: await withdrawalFile(file, descriptors),
    "request-proof": await requestFile(file, descriptors),
    challenge: await challengeFile(file, descriptors),
    "enrolment-proof": await enrolFile(file, descriptors),
    "join-token": await joinTokenFile(file),
    contract: await contractFile(file, contract),
    receipt: await receiptFile(file, contract),
    activation: await activationFile(file, contract),
    notice: await noticeFile(file, contract),
    peering: await peeringFile(file, contract),
  };
}

function offerOf(file: VectorFile): string {
  const [first] = file.valid;
  if (first === undefined) throw new Error("the offer file has no valid document");
  return first.document;
}
