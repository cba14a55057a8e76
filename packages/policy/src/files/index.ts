export { fileRequest } from "./file-request.ts";
export { PolicyFolder, type PolicyFolderOptions } from "./policy-folder.ts";
