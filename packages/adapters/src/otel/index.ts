export {
  type OtelMeter,
  type OtelSpan,
  type OtelTracer,
  type TracedSinkOptions,
  tracedSink,
} from "./traced-sink.ts";
