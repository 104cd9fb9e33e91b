// Chinese messages of health and settings.
import type * as english from './system.en';

const worker = (queue: string): (typeof english.system.words)[string] => ({
  failing: () => `没有进程处理这类工作。请启动：celery -A workers worker -Q ${queue}`,
});

const whatModelCan = ({ model, tokens, structured_outputs, prompt_log_probabilities }: Record<string, string>) =>
  `${model}，${tokens} 个词元，${structured_outputs ? '支持' : '不支持'}结构化输出，${prompt_log_probabilities ? '提供' : '不提供'}提示词的对数概率`;

export const system: typeof english.system = {
  lead: '各部分是否正常，以及当前的设置。设置写在各进程的环境变量中（见 deploy/env.example）。',
  again: '重新检查',
  health: '运行状况',
  allWell: '已设置的部分全部正常。',
  wrong: (n) => `有 ${n} 个部分需要查看。`,
  states: { ok: '正常', warning: '请注意', failing: '不正常', off: '未设置' },
  names: {
    database: '数据库',
    redis: 'Redis 服务器',
    process_answers: '回答',
    process_scheduler: '定时',
    process_parse: '读取文件',
    process_embed: '建立索引',
    process_maintenance: '维护',
    process_sources: '读取来源',
    search_model: '检索模型',
    search_model_loads: '检索模型',
    search_model_changed: '检索模型',
    schedules: '定时计划',
    golden_questions_stranded: '定时计划',
    calibration_stranded: '定时计划',
    indexes: '数据库索引',
    search_index: '检索索引',
    search_index_old: '检索索引',
    search_index_misses: '检索索引',
    search_index_bloated: '检索索引',
    search_index_hubs: '检索索引',
    disk: '磁盘',
    mail: '邮件',
    tls: '加密连接',
    malware_scanner: '恶意软件扫描',
    recognition: '文字识别（OCR）',
    older_office: '旧版 Office 文件',
    model: '语言模型',
  },
  words: {
    database: {
      ok: ({ version, pgvector }) => `PostgreSQL ${version}，pgvector ${pgvector}`,
    },
    redis: {
      failing: () => '没有响应。请检查 REDIS_URL 和服务器；提问会等待，不会丢失。',
    },
    process_answers: {
      failing: () => '没有进程回答问题。请启动：manage.py run_answers',
    },
    process_scheduler: {
      failing: () => '定时任务没有启动。请启动：celery -A workers beat，以及 maintenance 队列的工作进程',
    },
    process_parse: worker('parse'),
    process_embed: worker('embed'),
    process_maintenance: worker('maintenance'),
    process_sources: worker('sources'),
    search_model: {
      ok: () => '文档库使用的正是设置中的模型。',
      warning: () => '设置中的模型与文档库索引所用的模型不同。目前仍由原来的模型回答：请在“检索索引”页面建立新的索引。',
    },
    search_model_changed: {
      failing: () => '文档库的索引是由此模型的另一版本建立的，在恢复之前无法检索。请恢复原来的模型，或在“检索索引”页面建立新的索引。',
    },
    search_model_loads: {
      warning: () => '正在加载；完成之前只按字词检索。',
    },
    schedules: {
      ok: () => '没有延误。',
      failing: ({ overdue }) => `有 ${overdue} 个延误超过五分钟。请查看上面的“定时”。`,
    },
    golden_questions_stranded: {
      warning: ({ people }) =>
        `“全部基准问题”的定时计划属于已停用的账号，因此到期时不会提问：${people}。请重新启用该账号，或由管理员在“基准问题”页面为“全部基准问题”设定定时，以取代原计划。`,
    },
    calibration_stranded: {
      warning: ({ people }) =>
        `“权重与校准”的定时计划属于已停用的账号，因此不会重新拟合：${people}。请在下方为它设定定时，此后以您的名义运行。`,
    },
    indexes: {
      ok: () => '全部可用。',
      failing: ({ names }) =>
        `以下索引因建立中断而未被使用：${names}。搜索仍会逐一比较全部段落，只是较慢。请以数据库所有者身份对每个索引执行 REINDEX INDEX CONCURRENTLY；向量索引可用 manage.py index_vectors。`,
    },
    search_index: {
      ok: ({ recall }) => (recall ? `能找到逐一比较所得最近段落的 ${recall}。` : '逐一比较全部段落。'),
      off: () => '还没有检查过。请运行下方的“索引健康”，或为它设定定时。',
    },
    search_index_old: {
      warning: () => '它建于一次更新之前，程序此后以另一种方式分析文本，因此按字词检索的效果会变差。请在“检索索引”页面另建索引；向量会直接沿用。',
    },
    search_index_misses: {
      warning: ({ recall }) => `含义图只能找到最近段落的 ${recall}。请以数据库所有者身份运行：manage.py index_vectors --anew`,
    },
    search_index_bloated: {
      warning: ({ tables }) => `这些表中有大量无用行：${tables}。请以数据库所有者身份对它们执行 VACUUM (ANALYZE)。`,
    },
    search_index_hubs: {
      warning: ({ hubs }) => `有 ${hubs} 个段落无论问什么都会出现。“索引健康”的历史中列有它们所属的文档，请查看其中是否有实质内容。`,
    },
    disk: {
      ok: ({ free }) => `数据文件夹剩余 ${free} GB`,
      warning: ({ free }) => `数据文件夹只剩 ${free} GB。请清理空间，或把 KBCHAT_DATA_DIR 设到更大的磁盘。`,
    },
    mail: {
      off: () => '不发送邮件，由管理员自行转交链接。请设置 KBCHAT_SMTP_HOST 和 KBCHAT_SMTP_FROM。',
    },
    tls: {
      warning: () => '在前面设置 TLS 代理之前，其他机器上的人会被拒绝：请设置 KBCHAT_PUBLIC_ORIGINS。',
    },
    malware_scanner: {
      ok: ({ version }) => `${version}`,
      failing: () => '没有响应：新文件会等待，恢复后再读取。请检查 clamd 和 KBCHAT_CLAMD_ADDRESS。',
      off: () => '上传的文件不经过恶意软件扫描，但仍在沙箱中解析。如需扫描，请设置 KBCHAT_CLAMD_ADDRESS。',
    },
    older_office: {
      ok: () => '本机已安装 LibreOffice：可以读取 DOC、XLS、PPT 和 XLSB。',
      off: () =>
        'DOC、XLS、PPT 和 XLSB 会被拒绝。请在运行工作进程、内核支持 Landlock 的服务器上安装 libreoffice-writer-nogui、libreoffice-calc-nogui 和 libreoffice-impress-nogui，并保持 KBCHAT_CONVERT_OLDER_OFFICE 开启。',
    },
    recognition: {
      ok: ({ languages, missing }) => `本机已安装 Tesseract，语言数据：${languages}。${missing ? `缺少 ${missing}。` : ''}`,
      warning: ({ languages, missing }) =>
        `Tesseract 有 ${languages} 的语言数据，缺少 ${missing}：请安装 tesseract-ocr-eng 和 tesseract-ocr-chi-sim，然后重试识别可信度较低的文件。`,
      off: () =>
        '扫描页和图片会被拒绝。请在运行工作进程的服务器上安装 tesseract-ocr 和 tesseract-ocr-chi-sim，并在 KBCHAT_OCR_LANGUAGES 中列出语言。',
    },
    model: {
      ok: (able) => whatModelCan(able),
      warning: (able) => `${whatModelCan(able)}。它不提供概率，因此只由检索判断段落是否足够。`,
      failing: ({ reason }) => `没有响应（${reason}）。请检查 KBCHAT_LLM_BASE_URL 和服务器；问题仍可用原文摘录回答。`,
      off: () => '没有：回答摘自文档原文。设置 KBCHAT_LLM_BASE_URL 后由模型撰写。',
    },
  },
  settings: '设置',
  settingsLead: '本进程中的取值。密钥不显示。',
  table: '全部设置',
  find: '查找设置',
  name: '设置项',
  value: '值',
  from: '来自',
  origins: { environment: '环境变量', default: '默认值' },
  secretSet: '已设置，不显示',
  notSet: '未设置',
  noSetting: '没有名称包含此内容的设置。',
};
