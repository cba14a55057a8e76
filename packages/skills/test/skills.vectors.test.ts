import { describeVectors } from "../../../scripts/conformance/describe-vectors.ts";
import { suite } from "./conformance.ts";

describeVectors(suite, new URL("./vectors/", import.meta.url));
