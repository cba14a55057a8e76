import type { TextRedactor } from "./text-redactor.ts";

/**
 * A web stream that redacts the text going through it, for example between a model and a browser.
 * @param redactor a fresh one for each stream: it remembers what it held back.
 */
export function createRedactionStream(redactor: TextRedactor): TransformStream<string, string> {
  return new TransformStream<string, string>({
    transform(chunk, controller) {
      const text = redactor.push(chunk);
      if (text !== "") controller.enqueue(text);
    },
    flush(controller) {
      const text = redactor.flush();
      if (text !== "") controller.enqueue(text);
    },
  });
}
