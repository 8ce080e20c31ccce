// Others count: lines of JSON texts on stdin, one line of JSON counts per text on stdout.
//
// bluesky: graphemes by Intl.Segmenter, and UTF-8 bytes. x: npm's twitter-text, with what it takes for URLs.
// mastodon: graphemes once each http(s) URL (as twitter-text finds them) stands as 23 characters, and each @user@host
// as @user (docs.joinmastodon.org/user/posting, and its StatusLengthValidator).

import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const { extractUrlsWithIndices, parseTweet } = createRequire(process.argv[2] + '/')('twitter-text');
const segments = new Intl.Segmenter('und', { granularity: 'grapheme' });
const graphemes = (text) => [...segments.segment(text)].length;
const WORD = '[\\p{L}\\p{M}\\p{N}\\p{Pc}]';
const MENTION = new RegExp(`(?<![=/\\p{L}\\p{M}\\p{N}\\p{Pc}])@([a-z0-9_]+(?:[a-z0-9_.-]+[a-z0-9_]+)?)(?:@(?:${WORD}|[.-])*${WORD})?`, 'giu');
const NO_MENTION_BEFORE = /^(?:[@＠]|[\u00c0-\u024f]|:\/\/)/u;

function mastodon(text) {
  const urls = extractUrlsWithIndices(text, { extractUrlsWithoutProtocol: false });
  const spans = urls.map(({ indices: [start, end] }) => [start, end, 'x'.repeat(23)]);
  for (const found of text.matchAll(MENTION)) {
    const end = found.index + found[0].length;
    if (!NO_MENTION_BEFORE.test(text.slice(end))) spans.push([found.index, end, '@' + found[1]]);
  }
  let counted = '', at = 0;
  for (const [start, end, instead] of spans.sort((a, b) => a[0] - b[0])) {
    if (start < at) continue;
    counted += text.slice(at, start) + instead;
    at = end;
  }
  return graphemes(counted + text.slice(at));
}

for await (const line of createInterface({ input: process.stdin })) {
  const text = JSON.parse(line);
  console.log(JSON.stringify({
    graphemes: graphemes(text),
    bytes: Buffer.byteLength(text),
    x: parseTweet(text).weightedLength,
    urls: extractUrlsWithIndices(text.normalize()).map((each) => each.url),
    mastodon: mastodon(text),
  }));
}
