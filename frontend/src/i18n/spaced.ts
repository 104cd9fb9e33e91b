/**
 * A Chinese sentence: where a name in it begins or ends with a Latin letter or a digit, a blank parts it from the Chinese
 * words beside it.
 */
export function spaced(words: TemplateStringsArray, ...names: string[]): string {
  return words.reduce((sentence, next, index) => {
    const name = names[index - 1] ?? '';
    const before = chineseEnd.test(sentence) && latinStart.test(name) ? ' ' : '';
    const after = latinEnd.test(name) && chineseStart.test(next) ? ' ' : '';
    return sentence + before + name + after + next;
  });
}

const chineseStart = /^\p{Script=Han}/u;
const chineseEnd = /\p{Script=Han}$/u;
const latinStart = /^[\p{Script=Latin}\d]/u;
const latinEnd = /[\p{Script=Latin}\d]$/u;
