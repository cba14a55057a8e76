/** An answer whose text may be read in parts, as that of `fetch`. */
export interface TextAnswer {
  readonly body?: ReadableStream<Uint8Array> | null;
  text(): Promise<string>;
}

/** The text of an answer, read no further than so many bytes where it can be read in parts. @throws Error when it is longer. */
export async function boundedText(answer: TextAnswer, maxBytes: number): Promise<string> {
  if (!(answer.body instanceof ReadableStream)) {
    const text = await answer.text();
    if (text.length > maxBytes) throw tooLong();
    return text;
  }
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const reader = answer.body.getReader();
  let text = "";
  let bytes = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    bytes += part.value.length;
    if (bytes > maxBytes) {
      await reader.cancel().catch(() => undefined);
      throw tooLong();
    }
    text += decoder.decode(part.value, { stream: true });
  }
  return text + decoder.decode();
}

function tooLong(): Error {
  return new Error("the answer is too long");
}
