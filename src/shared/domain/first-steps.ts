export interface FirstStep {
  readonly title: string;
  /** For a terminal in the project's folder. Words in capitals stand for what a person fills in. */
  readonly command: string;
  readonly note: string;
}

/** How to begin from the command line; the window and `npm start` show the same list. */
export const FIRST_STEPS: readonly FirstStep[] = [
  {
    title: 'Try it',
    command: 'npm run demo',
    note: 'Fine-tunes the bundled starter model on the CPU, without a network, then shows base and tuned answers side by side.',
  },
  {
    title: 'Look at your rows',
    command: 'npm run tunesmith -- preview --model MODEL_FOLDER --dataset ROWS.jsonl',
    note: 'Token by token: what a model will learn from, and what is masked. JSON, JSONL or CSV.',
  },
  {
    title: 'Train',
    command: 'npm run tunesmith -- train --model MODEL_FOLDER --dataset ROWS.jsonl --out runs/first',
    note: 'A LoRA adapter for a Llama or Qwen2 model. Ctrl-C saves a checkpoint and stops.',
  },
  {
    title: 'Go on after a stop or a crash',
    command: 'npm run tunesmith -- resume --out runs/first',
    note: 'Continues from the newest checkpoint.',
  },
  {
    title: 'Compare',
    command: 'npm run tunesmith -- generate --model MODEL_FOLDER --base --adapter tuned=runs/first/adapter --prompt "What is a fjord?"',
    note: 'The same question to the base model and to the tuned one.',
  },
];
