/**
 * What transformers 5.18 makes of `tokenizer_class`. Most classes take tokenizer.json as it stands; some take only vocabulary,
 * merges and post-processor from it and build normaliser, splitter and decoder anew ("rebuilt" below). The golden
 * test/parity/fixtures/tokenizers lists every class that the library knows, as observed.
 */
import { REBUILT_CLASSES, type RebuiltClass } from './rebuilt-classes.ts';

export interface ClassSources {
  /** `tokenizer_class` of tokenizer_config.json, else of config.json. */
  readonly className: string | undefined;
  /** `model_type` of config.json. */
  readonly modelType: string | undefined;
}

export type ClassEffect =
  | { readonly kind: 'as-it-stands' }
  | { readonly kind: 'rebuilt'; readonly name: string; readonly rebuilt: RebuiltClass }
  | { readonly kind: 'unsupported'; readonly name: string };

/** Model types whose class the library fixes, whatever tokenizer_config.json says. */
const FIXED_BY_MODEL: Readonly<Record<string, string>> = { qwen2: 'Qwen2Tokenizer' };

/** Classes that build other pipelines (or refuse tokenizer.json) in 5.18 and that no supported model is published with. */
const OTHER_PIPELINES: ReadonlySet<string> = new Set(
  `Albert Barthez Bart Bartpho BertGeneration BertJapanese Bert Bertweet BigBird BioGpt
  BlenderbotSmall Blenderbot ByT5 CLIP CTRL Camembert Canine Clvp Cohere CpmAnt Cpm DPRQuestionEncoder DebertaV2 Deberta Dia Esm Esmc FSMT
  FastSpeech2Conformer Flaubert Funnel GPTNeoXJapanese GPTSw3 Gemma Herbert LED Lasr LayoutLMv2 LayoutLMv3 LayoutXLM Luke Lxmert M2M100 MBart50 MBart
  MLuke MPNet Marian MarkupLM Mgpstr MobileBert Mvp MyT5 Nllb Nougat OpenAIGPT PLBart Pegasus Perceiver Phobert ProphetNet Rag Reformer RemBert
  RoCBert RoFormer Roberta SeamlessM4T Siglip2 Siglip Speech2Text SpeechT5 Splinter T5 Tapas Tipsv2 Udop VideoPrism Vits Wav2Vec2CTC
  Wav2Vec2PhonemeCTC Whisper XGLM XLMRoberta XLM XLNet`
    .split(/\s+/)
    .map((name) => `${name}Tokenizer`),
);

export function effectOfClass({ className, modelType }: ClassSources): ClassEffect {
  const fixed = modelType === undefined ? undefined : FIXED_BY_MODEL[modelType];
  const name = fixed ?? className?.replace(/Fast$/, '');
  if (name === undefined) return { kind: 'as-it-stands' };
  const rebuilt = REBUILT_CLASSES.get(name);
  if (rebuilt !== undefined) return { kind: 'rebuilt', name, rebuilt };
  return OTHER_PIPELINES.has(name) ? { kind: 'unsupported', name } : { kind: 'as-it-stands' };
}
