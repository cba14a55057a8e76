export { CreateError, createProject } from "./create-project.ts";
