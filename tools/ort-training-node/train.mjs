// Trains a folder of artifacts on the genuine ONNX Runtime Training 1.19.2: its WebAssembly build, in Node.
//
//   npm ci --ignore-scripts              once, in this folder
//   node train.mjs ARTIFACTS BATCHES     one optimizer step for each batch, at the artifacts' own learning rate
//
// ARTIFACTS  a folder with training_model.onnx, eval_model.onnx, optimizer_model.onnx and checkpoint.
// BATCHES    JSON: an array of batches, each an array of tensors in the order of the training model's user inputs (labels last),
//            each {"type": "float32" | "int64", "dims": [...], "data": base64 of the little-endian elements}.
// Prints     {"losses": [one a step], "parameters": base64 of all trainable parameters after the last step, float32, one after the other in the order of
//            the training model's inputs}.
//
// AdamW only: this build cannot load an optimizer model with SGDOptimizerV2.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const elementArrays = { float32: Float32Array, int64: BigInt64Array };

// The package exports its training build to browsers only ("node": null), so it is imported by its path.
const runtimeFolder = new URL('./node_modules/onnxruntime-web/dist/', import.meta.url);
const ort = await import(new URL('ort.training.wasm.min.mjs', runtimeFolder).href);
ort.env.wasm.wasmPaths = runtimeFolder.href;
ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

function readTensor({ type, dims, data }) {
  const elements = elementArrays[type];
  if (!elements) throw new Error(`element type '${type}' is not one of ${Object.keys(elementArrays).join(', ')}`);
  // Buffer may hand out a slice of its pool: copy, so that the elements start aligned.
  const bytes = Uint8Array.from(Buffer.from(data, 'base64'));
  return new ort.Tensor(type, new elements(bytes.buffer), dims);
}

function openSession(folder) {
  const read = name => new Uint8Array(readFileSync(join(folder, name)));
  return ort.TrainingSession.create({
    checkpointState: read('checkpoint'),
    trainModel: read('training_model.onnx'),
    evalModel: read('eval_model.onnx'),
    optimizerModel: read('optimizer_model.onnx'),
  });
}

async function train(folder, batches) {
  const session = await openSession(folder);
  const losses = [];
  for (const batch of batches) {
    if (batch.length !== session.trainingInputNames.length)
      throw new Error(`a batch holds ${batch.length} tensors; the training model takes ${session.trainingInputNames.join(', ')}`);
    const feeds = Object.fromEntries(session.trainingInputNames.map((name, i) => [name, readTensor(batch[i])]));
    const outputs = await session.runTrainStep(feeds);
    losses.push(outputs[session.trainingOutputNames[0]].data[0]);
    await session.runOptimizerStep();
    await session.lazyResetGrad();
  }
  const { data } = await session.getContiguousParameters(true);
  return { losses, parameters: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64') };
}

const [folder, batchFile] = process.argv.slice(2);
if (!batchFile) {
  console.error(`usage: node ${fileURLToPath(import.meta.url)} ARTIFACTS BATCHES`);
  process.exit(2);
}
try {
  console.log(JSON.stringify(await train(folder, JSON.parse(readFileSync(batchFile, 'utf8')))));
} catch (error) {
  // The runtime throws bare numbers where its own error channel failed.
  console.error(`ONNX Runtime Training 1.19.2 could not train ${folder}: ${error?.message ?? error}`);
  process.exit(1);
}
