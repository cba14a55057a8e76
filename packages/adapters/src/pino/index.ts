export { type LoggedSinkOptions, loggedSink, type PinoLogger } from "./logged-sink.ts";
