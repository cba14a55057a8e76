export { PolicyFolder, type PolicyFolderOptions } from "./policy-folder.ts";
