import { expect, it } from 'vitest';
import { deviceWords } from './device-words.ts';

it('says what a device is and computes in, or why it cannot be used', () => {
  expect(deviceWords({ device: 'cpu', available: true, description: 'CPU, 2 threads', computeDTypes: ['f32'] }))
    .toEqual({ name: 'Processor', state: 'Ready', description: 'CPU, 2 threads. Computes in f32.' });
  expect(deviceWords({ device: 'cuda', available: true, description: 'A card', computeDTypes: ['f32', 'bf16'] }).description).toBe('A card. Computes in f32 or bf16.');
  expect(deviceWords({ device: 'cuda', available: false, description: 'No driver was found.', computeDTypes: [] }))
    .toEqual({ name: 'Graphics card', state: 'Cannot be used', description: 'No driver was found.' });
});
