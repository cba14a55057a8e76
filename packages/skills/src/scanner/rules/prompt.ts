import { everywhere, type ScanRule } from "../scan-rule.ts";

const OVERRIDE = { code: "medium", fence: "medium", prose: "high" } as const;

/** The model is told what its user would not want it to be told. */
export const promptRules: readonly ScanRule[] = [
  {
    id: "prompt.override",
    severity: "critical",
    confidence: OVERRIDE,
    why: "the model is told to disregard what it was told before",
    anchors: ["ignore", "disregard", "forget", "override", "bypass", "supersede"],
    steps: [
      "\\b(?:ignor|disregard|forget|overrid|bypass|supersed)(?:e|es|ing)?\\s{1,3}(?:all|any|the|your|every|of|these|those|its|my)?\\s{0,3}(?:of|the|your|its)?\\s{0,3}(?:previous|prior|earlier|above|preceding|existing|system|safety|original|former)\\s{1,3}(?:\\w{1,15}\\s{1,3}){0,2}?(?:instructions?|prompts?|rules?|guidelines?|directions?|messages?|polic(?:y|ies)|constraints?|restrictions?)|\\b(?:ignore|disregard|forget)\\s{1,3}(?:all\\s{1,3}|everything\\s{1,3}|any\\s{1,3}|the\\s{1,3}|your\\s{1,3}){1,3}(?:\\w{1,15}\\s{1,3}){0,2}?(?:instructions?|guidelines?|rules?|prompts?|constraints?)\\s{1,3}(?:\\w{1,12}\\s{1,3}){0,4}?(?:given|before|above|previously|received|told)",
    ],
    paragraphs: true,
  },
  {
    id: "prompt.conceal",
    severity: "high",
    confidence: everywhere("medium"),
    why: "the user is not to learn of it",
    anchors: ["user", "human", "operator", "anyone", "owner", "summary", "secret"],
    steps: [
      "\\b(?:do\\s{1,3}not|don['’]?t|never|without|must\\s{1,3}not)\\s{1,3}(?:ever\\s{1,3})?(?:tell|inform|mention|reveal|notify|alert|disclos|show|say|report|let|admit)\\w{0,4}\\b[^.\\n]{0,60}?\\b(?:users?|humans?|operator|anyone|owner)\\b|\\b(?:hide|conceal|keep)\\s{1,3}(?:this|it|these|that|them)\\s{1,3}(?:\\w{1,10}\\s{1,3}){0,2}?(?:from\\s{1,3}(?:the\\s{1,3})?(?:user|human|operator)|out\\s{1,3}of\\s{1,3}(?:your|the|any)\\s{1,3}(?:summary|report|answer|reply|response)|(?:a\\s{1,3})?secret\\s{1,3}from)",
    ],
    unless:
      "\\b(?:silent|silently|quiet|success|successful|no-?op|unchanged|noise|until|unless|jargon|internal|raw|stack|verbose|yet|spoil\\w{0,4}|overwhelm|every|each|intermediate|file\\s{1,3}names?|if\\s{1,3}(?:nothing|no|there))\\b",
    paragraphs: true,
    unconditional: true,
  },
  {
    id: "prompt.send-conversation",
    severity: "critical",
    confidence: everywhere("medium"),
    why: "the conversation or secrets are to be sent to an address",
    anchors: ["http://", "https://", "webhook"],
    steps: [
      "\\b(?:send|post|upload|forward|transmit|exfiltrate|submit|include|append|put|attach|repeat|copy|report|deliver)\\w{0,4}\\b",
      "\\b(?:conversation|chat\\s{1,2}(?:history|log)|system\\s{1,2}prompt|(?:all\\s{1,2}|the\\s{1,2}|any\\s{1,2})?environment\\s{1,2}variables?|private\\s{1,2}keys?|seed\\s{1,2}phrase|passwords?|ssh\\s{1,2}keys?|credentials\\s{1,2}(?:files?|found)|secrets\\s{1,2}(?:found|you|from)|contents?\\s{1,2}of\\s{1,2}(?:the\\s{1,2})?[`'\"]?(?:\\.env|~/))",
    ],
    also: "https?://|\\bwebhook",
    within: 200,
    paragraphs: true,
  },
  {
    id: "prompt.send-key",
    severity: "critical",
    confidence: everywhere("medium"),
    why: "a key is to be put where somebody else sees it",
    anchors: ["api key", "api_key", "token", "password"],
    steps: [
      "\\b(?:api[\\s_-]?keys?|access\\s{1,2}tokens?|tokens?|passwords?)\\b",
      "\\b(?:query\\s{1,2}string|as\\s{1,2}a\\s{1,2}comment|image\\s{1,2}(?:url|address|link)|in\\s{1,2}the\\s{1,2}url)\\b",
    ],
    also: "\\b(?:send|repeat|append|include|put|embed|encode)\\w{0,3}\\b",
    unless: "\\b(?:never|do\\s{1,2}not|don['’]?t|avoid|must\\s{1,2}not|instead\\s{1,2}of)\\b",
    within: 160,
    paragraphs: true,
  },
  {
    id: "prompt.collect-secrets",
    severity: "high",
    confidence: everywhere("medium"),
    why: "files with secrets are to be looked for and passed on",
    anchors: [".env", "secrets.", "credentials"],
    steps: [
      "\\b(?:look\\s{1,2}for|find|gather|collect|search\\s{1,2}for|read|locate|harvest)\\b",
      "(?:^|[\\s`'\"/])(?:\\.env(?:\\.\\w{1,16})?|secrets\\.\\w{2,5}|credentials(?:\\.\\w{2,5})?)(?=[`'\"\\s,])",
      "\\b(?:append|include|send|upload|post|attach|embed|encode|copy|put)\\w{0,3}\\b",
    ],
    unless:
      "\\b(?:never|do\\s{1,2}not|don['’]?t|avoid|must\\s{1,2}not)\\s{1,3}(?:\\w{1,12}\\s{1,3}){0,2}(?:append|include|send|upload|post|commit|read)",
    within: 240,
    paragraphs: true,
    unconditional: true,
  },
  {
    id: "prompt.false-consent",
    severity: "high",
    confidence: everywhere("medium"),
    why: "the user's consent is claimed",
    anchors: ["confirm", "approv", "consent", "permission", "agreed"],
    steps: [
      "\\b(?:user|they|owner)\\s{1,3}(?:has|have|had)?\\s{0,3}already\\s{1,3}(?:agreed|approved|consented|authori[sz]ed|given|granted)|\\b(?:do\\s{1,3}not|don['’]?t|no\\s{1,3}need\\s{1,3}to|without)\\s{1,3}(?:need|ask(?:ing)?\\s{1,3}for|wait(?:ing)?\\s{1,3}for|require)?\\s{0,3}(?:their|the\\s{1,3}user['’]?s)\\s{1,3}(?:confirmation|approval|consent|permission)|approve\\s{1,3}(?:\\w{1,12}\\s{1,3}){0,4}?(?:in\\s{1,3}the\\s{1,3}name\\s{1,3}of|on\\s{1,3}behalf\\s{1,3}of)\\s{1,3}the\\s{1,3}user",
    ],
    paragraphs: true,
    unconditional: true,
  },
  {
    id: "prompt.hidden-comment",
    severity: "high",
    confidence: everywhere("medium"),
    why: "a comment that no reader sees gives the model orders",
    anchors: ["assistant", "agent", "model", "claude", "llm", "ai "],
    steps: [
      "(?:^|[\\s<!-])(?:assistant|(?:ai|the|dear)\\s{0,2}(?:agent|model|assistant)|claude|gpt|llm|ai)\\s{0,2}(?:[:,]|must|should|will|has\\s{1,2}to|please|always|ignore|follow|do\\s{1,2}not)",
      "\\b(?:must|always|ignore|disregard|follow|send|repeat|run|execute|never|do\\s{1,2}not|you)\\b",
    ],
    places: ["comment"],
    paragraphs: true,
  },
  {
    id: "prompt.no-questions",
    severity: "medium",
    confidence: everywhere("medium"),
    why: "something is to be done without asking",
    anchors: ["without", "confirm", "do not ask", "don't ask"],
    steps: [
      "\\bwithout\\s{1,3}(?:\\w{1,8}\\s{1,3}){0,2}?(?:asking|confirmation|confirming|consent|approval)\\b|\\b(?:do\\s{1,2}not|don['’]?t)\\s{1,3}ask\\s{1,3}(?:for\\s{1,3})?(?:the\\s{1,3}user|permission|confirmation|first)",
    ],
  },
];
