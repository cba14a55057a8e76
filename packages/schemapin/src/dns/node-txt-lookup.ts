export { createNodeTxtLookup, type NodeTxtLookupOptions } from "@symbiont/net/txt-lookup";
