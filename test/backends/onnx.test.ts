import { createOnnxBackend } from '../../src/main/engine/backends/onnx/backend.ts';
import { describeAgreement } from './agreement.ts';

describeAgreement(createOnnxBackend());
