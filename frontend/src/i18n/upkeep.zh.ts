// Chinese messages of what is looked at again and again.
import type { upkeep as english } from './upkeep.en';

export const upkeep: typeof english = {
  title: '日常维护',
  names: {
    golden_questions: '全部基准问题',
    calibration: '权重与校准',
    index_health: '索引健康',
  },
  leads: {
    golden_questions: '以您的名义向当前索引提问；来源的一次运行带来变化、重新拟合权重或启用另一个索引之后，会自动提问，最多每刻钟一次。',
    calibration:
      '按基准问题重新拟合：含义与字词各占多少，以及何时算作没有答案。若在未参与拟合的一半问题上效果变差，则不采用。',
    index_health: '含义图与逐一比较相比能找到多少、哪些段落出现在过多的结果中，以及哪些空间已无用处。',
  },
  unscheduled: {
    golden_questions: '在有变化时，或有人启动时运行',
    calibration: '文档库自上次以来增长 30 % 时，或有人启动时运行',
    index_health: '仅在有人启动时运行',
  },
  by: (name) => `以 ${name} 的名义`,
  started: (name) => `${name}：已启动`,
  neverRun: '尚未运行。',
  causes: {
    source: '在来源的一次运行之后。',
    fitted: '在重新拟合权重之后。',
    switched: '在启用另一个索引之后。',
    grown: '因为文档库自上次以来增长了 30 % 或更多。',
  },
  golden: (found, answerable) => `找到 ${found} / ${answerable}`,
  refitted: (generation, questions, before, now) =>
    `索引 ${generation}，${questions} 个问题：nDCG@10 原为 ${before}，拟合后 ${now}`,
  putToUse: '已采用',
  notPutToUse: '保持不变',
  vectors: (n) => `${n} 个段落`,
  recall: (share) => `含义图找到最近段落的 ${share}`,
  noGraph: '没有含义图，逐一比较全部段落',
  hubs: (n) => `${n} 个段落出现在过多的结果中`,
  noHubs: '没有段落出现在过多的结果中',
  hub: (title, share) => `${title}（${share}）`,
  hidden: '您无权阅读的文档',
  dead: (table, dead) => `${table} 中有 ${dead} 个无用行`,
  invalid: (names) => `未被任何搜索使用：${names}`,
  between: '；',
};
