// English messages of what is looked at again and again.
import { count } from './count';

export const upkeep = {
  title: 'Upkeep',
  names: {
    golden_questions: 'All golden questions',
    calibration: 'Weights and calibration',
    index_health: 'Health of the index',
  },
  leads: {
    golden_questions:
      'Asked of what answers, in your name; by themselves after a run of a source that has changed something, after weights were fitted anew and after another index was put in force, at most every quarter of an hour.',
    calibration:
      'How far meaning and words count, and when nothing answers, is fitted anew on golden questions. What finds less on the half that nothing was fitted on is not put to use.',
    index_health:
      'What the graph over meanings finds beside comparing everything, passages that stand in very many results, and space that nobody uses.',
  },
  unscheduled: {
    golden_questions: 'Runs when something has changed, and when somebody starts it',
    calibration: 'Runs when the library has grown by 30 % since it ran last, and when somebody starts it',
    index_health: 'Runs only when somebody starts it',
  },
  by: (name: string) => `in the name of ${name}`,
  started: (name: string) => `${name}: started`,
  neverRun: 'Not run yet.',
  causes: {
    source: 'After a run of a source.',
    fitted: 'After weights were fitted anew.',
    switched: 'After another index was put in force.',
    grown: 'Because the library has grown by 30 % or more since the last time.',
  },
  golden: (found: number, answerable: number) => `${found} of ${answerable} found`,
  refitted: (generation: number, questions: number, before: string, now: string) =>
    `index ${generation}, ${count(questions, 'question', 'questions')}: nDCG@10 ${before}, fitted ${now}`,
  putToUse: 'put to use',
  notPutToUse: 'left as it was',
  vectors: (n: number) => count(n, 'passage', 'passages'),
  recall: (share: string) => `the graph finds ${share} of the nearest`,
  noGraph: 'no graph, every passage is compared',
  hubs: (n: number) => `${count(n, 'passage stands', 'passages stand')} in very many results`,
  noHubs: 'none stands in very many results',
  hub: (title: string, share: string) => `${title} (${share})`,
  hidden: 'a document that you may not read',
  dead: (table: string, dead: number) => `${count(dead, 'dead row', 'dead rows')} in ${table}`,
  invalid: (names: string) => `not used by any search: ${names}`,
  between: '; ',
};
