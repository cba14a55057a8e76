export {
  type LoggedParams,
  type LoggingMiddleware,
  type LoggingMiddlewareOptions,
  loggingMiddleware,
} from "./logging-middleware.ts";
