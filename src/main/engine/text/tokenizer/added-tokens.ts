/**
 * Tokens that stand beside the vocabulary, from every place in which transformers 5.18 looks for them, in its order: later ones
 * get the later ids. tokenizer_config.json's `added_tokens_decoder`, where it exists, silences special_tokens_map.json, added_tokens.json
 * and the list in tokenizer.json.
 */

export interface TokenSpec {
  readonly content: string;
  readonly special: boolean;
  readonly lstrip?: boolean | undefined;
  readonly rstrip?: boolean | undefined;
  readonly singleWord?: boolean | undefined;
  /** Matched in the normalised text; by default where the token is not special. */
  readonly normalized?: boolean | undefined;
}

export const NAMED_TOKENS = ['bos_token', 'eos_token', 'unk_token', 'sep_token', 'pad_token', 'cls_token', 'mask_token'] as const;

/** Named and extra tokens as one file says them; null is an explicit "none". */
export interface SaidTokens {
  readonly named: Readonly<Record<string, TokenSpec | null>>;
  readonly extra: readonly TokenSpec[];
  /** Of special_tokens_map.json under its old name: counts where nothing else names extra tokens, and makes no token special. */
  readonly additional?: readonly TokenSpec[];
}

export interface TokenSources {
  readonly config: SaidTokens;
  /** By id; undefined where tokenizer_config.json has no such key. */
  readonly addedTokensDecoder: ReadonlyMap<number, TokenSpec> | undefined;
  readonly specialTokensMap: SaidTokens | undefined;
  /** added_tokens.json: text to id. */
  readonly addedTokensFile: Readonly<Record<string, number>>;
}

export interface CollectedTokens {
  /** To its text, absent ones left out. */
  readonly named: Readonly<Record<string, string>>;
  /** In the order of adding. */
  readonly toAdd: readonly TokenSpec[];
  /** Contents of named and extra tokens. */
  readonly special: readonly string[];
}

/**
 * @param defaults of the class, for names that no file mentions
 * @param inFile the added tokens of tokenizer.json by id
 * @param loaded whether the native tokenizer has those already
 */
export function collectTokens(
  sources: TokenSources,
  defaults: Readonly<Record<string, string>>,
  inFile: ReadonlyMap<number, TokenSpec>,
  loaded: boolean,
): CollectedTokens {
  const said = sources.addedTokensDecoder === undefined ? merged(sources.config, sources.specialTokensMap) : sources.config;
  const byId = new Map(sources.addedTokensDecoder ?? legacyTokens(said, sources.addedTokensFile, inFile));
  const byContent = new Map([...byId.values()].map((token) => [token.content, token]));
  const named = new Map<string, TokenSpec>();
  const names = new Set<string>([...NAMED_TOKENS, ...Object.keys(defaults), ...Object.keys(said.named)]);
  for (const name of names) {
    const value = name in said.named ? said.named[name] : name in defaults ? special(defaults[name] as string) : undefined;
    if (value) named.set(name, byContent.get(value.content) ?? value);
  }
  const added = [...byId].sort(([x], [y]) => x - y).map(([, token]) => token);
  const known = new Set([...(loaded ? inFile.values() : []), ...added].map(({ content }) => content));
  const extra = said.extra.length > 0 ? said.extra : (said.additional ?? []);
  const ours = [...[...named.values()].map((token) => ({ ...token, special: true })), ...extra];
  const further = ours.filter(({ content }) => !known.has(content) && known.add(content));
  return {
    named: Object.fromEntries([...named].map(([name, { content }]) => [name, content])),
    toAdd: [...added, ...further].filter(({ content }) => content !== ''),
    special: [...new Set(ours.map(({ content }) => content))],
  };
}

function merged(config: SaidTokens, map: SaidTokens | undefined): SaidTokens {
  if (map === undefined) return config;
  const known = new Set(config.extra.map(({ content }) => content));
  return {
    named: { ...config.named, ...map.named },
    extra: [...config.extra, ...map.extra.filter(({ content }) => !known.has(content))],
    additional: map.additional ?? [],
  };
}

function legacyTokens(said: SaidTokens, file: Readonly<Record<string, number>>, inFile: ReadonlyMap<number, TokenSpec>): Map<number, TokenSpec> {
  const specials = new Set([...Object.values(said.named), ...said.extra].map((token) => token?.content));
  const tokens = new Map<number, TokenSpec>();
  for (const [content, id] of Object.entries(file)) {
    const isSpecial = specials.has(content);
    tokens.set(id, { content, special: isSpecial, normalized: !isSpecial });
  }
  for (const [id, token] of inFile) tokens.set(id, token);
  return tokens;
}

export function special(content: string): TokenSpec {
  return { content, special: true };
}
