import { verifyDescriptor } from "@catalog/schema/documents/descriptor";
import { signDescriptor } from "@catalog/schema/documents/descriptor";
import { decryptJoinToken, signChallenge, verifyEnrolProof } from "@catalog/schema/documents/enrolment";
import { formatJoinString } from "@catalog/schema/documents/join-string";
import { digest, peekJws, signerFrom, TYP, type Signer } from "@catalog/schema/documents/jws";
import { generateIdentity, type IdentityKeys } from "@catalog/schema/documents/keys";
import { CatalogError, type ErrorCode } from "@catalog/schema/errors";
import type { FeedEvent } from "@catalog/schema/feed";
import type { AnnounceVariables } from "@catalog/schema/operations";
import { ProofAuthenticator } from "@catalog/server/auth/proof-authenticator";
import { systemClock, unixSeconds } from "@catalog/server/clock";
import { createGraphqlListener } from "@catalog/server/graphql/graphql-listener";
import type { GraphqlListener, SocketSession } from "@catalog/server/graphql/listener-options";
import { Timestamp } from "@catalog/server/graphql/scalars";
import { silentLog } from "@catalog/server/log";
import type { TlsMaterial } from "@catalog/server/tls/tls-material";
import { buildSchema, GraphQLScalarType, type GraphQLFieldResolver, type GraphQLSchema } from "graphql";

const SDL = `
  scalar Timestamp
  scalar Json
  type BrokerInfo { fingerprint: ID! name: String! url: String! descriptor: String! enrolmentMode: String! version: String! }
  type Enrolment { status: String! fingerprint: ID! clusterID: ID! }
  type Announcement { need: [ID!]! highestRev: Timestamp! dropped: [ID!]! higher: [String!]! descriptorAccepted: Boolean! }
  type Outcome { offerID: ID rev: Timestamp accepted: Boolean! code: String message: String higher: String }
  type PublishResult { results: [Outcome!]! }
  type Probe { reachable: Boolean! message: String }
  input AnnouncedOffer { offerID: ID! rev: Timestamp! digest: String! }
  type Change { revision: Json op: Json kind: Json fingerprint: Json clusterID: Json offerID: Json staleSince: Json jws: Json }
  type Event { type: Json cursor: Json changes: [Change] }
  type Query { broker: BrokerInfo! }
  type Mutation {
    challenge(fingerprint: ID!): String!
    enrol(descriptor: String!, proof: String!, token: String): Enrolment!
    announce(descriptor: String!, asOf: Timestamp!, offers: [AnnouncedOffer!]!): Announcement!
    publishOffers(documents: [String!]!): PublishResult!
    withdrawOffers(documents: [String!]!): PublishResult!
    leave: Boolean!
    probeContractEndpoint: Probe!
  }
  type Subscription { catalog(since: String): Event! }`;

const opaque = (text: string): string => Buffer.from(text).toString("base64url");
const NONCE = opaque("a nonce of the test Broker");
/** The secret in every join string of a test Broker. */
export const JOIN_SECRET = opaque("a secret for whoever joins");
const TOKEN = { tokenId: opaque("token"), secret: JOIN_SECRET };

type Fields = Record<string, GraphQLFieldResolver<unknown, unknown>>;

/** The side of a Broker that its members see, with whatever misbehaviour a test asks for. Documents are kept, not judged. */
export class TestBroker {
  /** What an enrolment answers with. */
  status: "ADMITTED" | "PENDING" = "ADMITTED";
  /** Refuses sockets and announcements with this code. */
  refusal: ErrorCode | undefined;
  /** Cursors that subscriptions began with, oldest first. */
  readonly cursors: (string | null)[] = [];
  /** A cursor that it says is not its own. */
  foreignCursor: string | undefined;
  readonly announcements: AnnounceVariables[] = [];
  /** offerID → newest document that was handed over. */
  readonly documents = new Map<string, string>();
  readonly tokens: (string | null)[] = [];
  /** What an announcement says of higher numbers, once. */
  higher: string[] = [];
  leaves = 0;
  /** How often it was asked to try the contract endpoint. */
  probes = 0;
  /** Number of its descriptor. */
  seq = 1;
  /** Members' sockets. */
  readonly sessions = new Set<SocketSession<string>>();
  private readonly feeds = new Set<(event: FeedEvent) => void>();
  private listener: GraphqlListener | undefined;
  private port = 0;

  private constructor(
    readonly keys: IdentityKeys,
    private readonly signer: Signer,
    private tls: TlsMaterial | undefined,
  ) {}

  static async start(tls?: TlsMaterial): Promise<TestBroker> {
    const keys = await generateIdentity();
    const broker = new TestBroker(keys, await signerFrom(keys), tls);
    await broker.listen();
    return broker;
  }

  get fingerprint(): string {
    return this.keys.fingerprint;
  }

  get url(): string {
    return `${this.tls === undefined ? "http" : "https"}://localhost:${this.port}`;
  }

  /** @param fingerprint who is said to answer; the Broker itself unless given. */
  join(fingerprint = this.fingerprint, spki = this.tls?.spki): string {
    return formatJoinString({ brokerUrl: this.url, fingerprint, ...TOKEN, ...(spki === undefined ? {} : { spki }) });
  }

  /** Listens, on the port of before if it has listened already, with another certificate where one is given. */
  async listen(tls = this.tls): Promise<void> {
    this.tls = tls;
    const proofs = new ProofAuthenticator(
      { fingerprint: this.fingerprint, keyOf: async () => undefined },
      { insert: async () => true },
      systemClock(),
    );
    this.listener = createGraphqlListener<string>({
      schema: this.schema(),
      host: "127.0.0.1",
      port: this.port,
      tls: this.tls,
      log: silentLog(),
      authenticate: async (request) => {
        if (!ProofAuthenticator.isPresent(request)) return "anybody";
        if (this.refusal !== undefined && request.transport === "ws")
          throw new CatalogError(this.refusal, "as the test wants it");
        return request.transport === "ws" ? (await proofs.authenticate(request)).fingerprint : "member";
      },
      context: (request) => request,
      subscriptionHooks: {
        opened: (session) => void this.sessions.add(session),
        closed: (session) => void this.sessions.delete(session),
      },
    });
    ({ port: this.port } = await this.listener.listen());
  }

  async stop(): Promise<void> {
    await this.listener?.close(0);
    this.listener = undefined;
  }

  /** Sends to every subscriber. */
  send(...events: FeedEvent[]): void {
    for (const event of events) for (const feed of this.feeds) feed(event);
  }

  get subscribers(): number {
    return this.feeds.size;
  }

  private schema(): GraphQLSchema {
    const schema = buildSchema(SDL);
    Object.assign(schema.getTypeMap()["Timestamp"] ?? {}, new GraphQLScalarType(Timestamp.toConfig()));
    const resolvers: Record<string, Fields> = { Query: this.queries(), Mutation: this.mutations() };
    for (const [type, fields] of Object.entries(resolvers)) {
      const known = type === "Query" ? schema.getQueryType()?.getFields() : schema.getMutationType()?.getFields();
      for (const [name, resolve] of Object.entries(fields)) Object.assign(known?.[name] ?? {}, { resolve });
    }
    const subscribe = (_: unknown, { since }: { since?: string | null }) => this.follow(since ?? null);
    Object.assign(schema.getSubscriptionType()?.getFields()["catalog"] ?? {}, {
      subscribe,
      resolve: (event: unknown) => event,
    });
    return schema;
  }

  private queries(): Fields {
    return {
      broker: async () => ({
        fingerprint: this.fingerprint,
        name: "Test Broker",
        url: this.url,
        descriptor: await this.descriptor(),
        enrolmentMode: "TOKEN",
        version: "test",
      }),
    };
  }

  private mutations(): Fields {
    return {
      challenge: async (_, { fingerprint }) => {
        const iat = unixSeconds(new Date());
        return signChallenge(this.signer, {
          iss: this.fingerprint,
          aud: String(fingerprint),
          nonce: NONCE,
          iat,
          exp: iat + 60,
        });
      },
      enrol: async (_, { descriptor, proof, token }) =>
        this.enrol(String(descriptor), String(proof), token as string | null),
      announce: async (_, variables) => this.announce(variables as AnnounceVariables),
      publishOffers: async (_, { documents }) => this.take(documents as string[]),
      withdrawOffers: async (_, { documents }) => this.take(documents as string[]),
      leave: () => {
        this.leaves += 1;
        return true;
      },
      probeContractEndpoint: () => {
        this.probes += 1;
        return { reachable: false, message: "a closed firewall" };
      },
    };
  }

  private descriptor(): Promise<string> {
    return signDescriptor(this.signer, {
      iss: this.fingerprint,
      seq: this.seq,
      iat: 1_700_000_000,
      brokerName: "Test Broker",
      brokerEndpoint: this.url,
      created: 1_700_000_000,
      keys: { sig: this.keys.signing.publicJwk, enc: this.keys.encryption.publicJwk },
      rotations: [],
      ...(this.tls === undefined ? {} : { tlsSpki: this.tls.spki }),
    });
  }

  private async enrol(jws: string, proof: string, token: string | null): Promise<object> {
    const descriptor = await verifyDescriptor(jws);
    const { nonce } = await verifyEnrolProof(proof, { descriptor, aud: this.fingerprint });
    const shown =
      token === null ? null : await decryptJoinToken(token, this.keys.encryption, { iss: descriptor.iss, nonce });
    this.tokens.push(shown?.secret ?? null);
    return { status: this.status, fingerprint: descriptor.iss, clusterID: descriptor.clusterID };
  }

  private async announce(variables: AnnounceVariables): Promise<object> {
    if (this.refusal !== undefined) throw new CatalogError(this.refusal, "as the test wants it");
    this.announcements.push(variables);
    const listed = new Set(variables.offers.map(({ offerID }) => offerID));
    const need: string[] = [];
    for (const { offerID, digest: wanted } of variables.offers) {
      const known = this.documents.get(offerID);
      if (known === undefined || (await digest(known)) !== wanted) need.push(offerID);
    }
    const dropped = [...this.documents]
      .filter(([id, jws]) => !listed.has(id) && peekJws(jws).header.typ === TYP.offer)
      .map(([id]) => id);
    return { need, highestRev: 0, dropped, higher: this.higher.splice(0), descriptorAccepted: true };
  }

  private take(documents: readonly string[]): object {
    const results = documents.map((jws) => {
      const {
        rev,
        offer,
        offerID = offer?.offerID ?? "",
      } = peekJws<{ rev: number; offerID?: string; offer?: { offerID: string } }>(jws).payload;
      this.documents.set(offerID, jws);
      return { offerID, rev, accepted: true, code: null, message: null, higher: null };
    });
    return { results };
  }

  private follow(since: string | null): AsyncGenerator<FeedEvent> {
    this.cursors.push(since);
    if (since !== null && since === this.foreignCursor)
      throw new CatalogError("CURSOR_INVALID", "not a cursor of this Broker");
    const waiting: FeedEvent[] = [];
    let wake = (): void => undefined;
    let isEnded = false;
    const feed = (event: FeedEvent): void => {
      waiting.push(event);
      wake();
    };
    this.feeds.add(feed);
    const end = async (): Promise<IteratorResult<FeedEvent>> => {
      isEnded = true;
      this.feeds.delete(feed);
      wake();
      return { done: true, value: undefined };
    };
    return {
      next: async () => {
        while (waiting.length === 0 && !isEnded) await new Promise<void>((resolve) => (wake = resolve));
        const event = waiting.shift();
        return event === undefined || isEnded ? { done: true, value: undefined } : { done: false, value: event };
      },
      return: end,
      throw: end,
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }
}
