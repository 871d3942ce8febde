import { createOnnxBackend } from '../../src/main/engine/backends/onnx/backend.ts';
import { describeAgreement } from './agreement.ts';

describeAgreement(createOnnxBackend(), {
  'neg f32 [4099] gradient': 'the loss cancels 4099 terms to a thousandth of their sum: its error is one rounding of that sum, above the tolerance of the rest',
});
