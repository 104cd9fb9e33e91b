// English messages of health and settings.
import { count } from './count';

type Facts = Record<string, string>;
/** What is said of a part in a state; nothing where its name is enough. */
type Part = Record<string, (facts: Facts) => string>;

const worker = (queue: string): Part => ({
  failing: () => `No process takes this work. Start one: celery -A workers worker -Q ${queue}`,
});

const withOrWithout = (fact: string | undefined) => (fact ? 'with' : 'without');

/** What its server was found able to do. */
const whatModelCan = ({ model, tokens, structured_outputs, prompt_log_probabilities }: Facts) =>
  `${model}, ${tokens} tokens, ${withOrWithout(structured_outputs)} structured outputs, ${withOrWithout(prompt_log_probabilities)} log-probabilities of prompts`;

export const system = {
  lead: 'Whether all parts work, and what is set. Settings are made in the environment of the processes (deploy/env.example).',
  again: 'Check again',
  health: 'Health',
  allWell: 'Everything that is set up works.',
  wrong: (n: number) => `${count(n, 'part needs', 'parts need')} a look.`,
  states: { ok: 'works', warning: 'take note', failing: 'does not work', off: 'not set up' },
  names: {
    database: 'Database',
    redis: 'Redis',
    process_answers: 'Answering',
    process_scheduler: 'Clock',
    process_parse: 'Reading files',
    process_embed: 'Building the index',
    process_maintenance: 'Maintenance',
    process_sources: 'Reading sources',
    search_model: 'Search model',
    search_model_loads: 'Search model',
    search_model_changed: 'Search model',
    schedules: 'Schedules',
    golden_questions_stranded: 'Schedules',
    calibration_stranded: 'Schedules',
    indexes: 'Indexes of the database',
    search_index: 'Search index',
    search_index_old: 'Search index',
    search_index_misses: 'Search index',
    search_index_bloated: 'Search index',
    search_index_hubs: 'Search index',
    disk: 'Disk',
    mail: 'Mail',
    tls: 'Encrypted connection',
    malware_scanner: 'Malware scanner',
    recognition: 'Text recognition (OCR)',
    older_office: 'Older Office files',
    model: 'Language model',
  } as Record<string, string>,
  words: {
    database: {
      ok: ({ version, pgvector }) => `PostgreSQL ${version}, pgvector ${pgvector}`,
    },
    redis: {
      failing: () => 'It does not answer. Look at REDIS_URL and at the server; questions wait, and nothing is lost.',
    },
    process_answers: {
      failing: () => 'No process answers questions. Start one: manage.py run_answers',
    },
    process_scheduler: {
      failing: () => 'Nothing is started on time. Start one: celery -A workers beat, and a worker of the queue maintenance',
    },
    process_parse: worker('parse'),
    process_embed: worker('embed'),
    process_maintenance: worker('maintenance'),
    process_sources: worker('sources'),
    search_model: {
      ok: () => 'The library is indexed by the model that the settings name.',
      warning: () => 'The settings name another model than the library is indexed by. The present one goes on answering: build another index on the page “Search index”.',
    },
    search_model_changed: {
      failing: () => 'The library was indexed by another state of this model, and nothing is searched until it is back. Put the former one back, or build another index on the page “Search index”.',
    },
    search_model_loads: {
      warning: () => 'It is still loading; until then searches go by words alone.',
    },
    schedules: {
      ok: () => 'None is late.',
      failing: ({ overdue }) => `${overdue} are more than five minutes late. Look at the clock above.`,
    },
    golden_questions_stranded: {
      warning: ({ people }) =>
        `“All golden questions” is scheduled in the name of people whose accounts are not active, so theirs are not asked: ${people}. Reactivate the account, or give “All golden questions” a schedule on the page “Golden questions”: an administrator's takes the place of theirs.`,
    },
    calibration_stranded: {
      warning: ({ people }) =>
        `“Weights and calibration” is scheduled in the name of somebody whose account is not active, so nothing is fitted anew: ${people}. Give it a schedule below; it then runs in your name.`,
    },
    indexes: {
      ok: () => 'All are used.',
      failing: ({ names }) =>
        `Not used, because making them broke off: ${names}. Search goes on, more slowly, by comparing everything. As the owner of the database: REINDEX INDEX CONCURRENTLY for each, or manage.py index_vectors for those of vectors.`,
    },
    search_index: {
      ok: ({ recall }) => (recall ? `It finds ${recall} of the nearest passages that comparing everything finds.` : 'Every passage is compared.'),
      off: () => 'Nobody has looked at it yet. Run “Health of the index” below, or give it a schedule.',
    },
    search_index_old: {
      warning: () => 'It was made before an update by which the program reads text in another way, and finds words less well until another one is built. Build it on the page “Search index”; vectors are taken over.',
    },
    search_index_misses: {
      warning: ({ recall }) =>
        `Its graph finds only ${recall} of the nearest passages. As the owner of the database: manage.py index_vectors --anew`,
    },
    search_index_bloated: {
      warning: ({ tables }) => `Much of these tables is dead rows: ${tables}. As the owner of the database: VACUUM (ANALYZE) them.`,
    },
    search_index_hubs: {
      warning: ({ hubs }) =>
        `${hubs} passages stand in very many results, whatever is asked. The history of “Health of the index” names their documents: look whether they say anything.`,
    },
    disk: {
      ok: ({ free }) => `${free} GB free in the data folder`,
      warning: ({ free }) => `Only ${free} GB free in the data folder. Make room, or set KBCHAT_DATA_DIR to a larger disk.`,
    },
    mail: {
      off: () => 'No mail is sent: administrators hand over links themselves. Set KBCHAT_SMTP_HOST and KBCHAT_SMTP_FROM.',
    },
    tls: {
      warning: () => 'People on other machines are refused until a proxy with TLS stands in front: set KBCHAT_PUBLIC_ORIGINS.',
    },
    malware_scanner: {
      ok: ({ version }) => `${version}`,
      failing: () => 'It does not answer: new files wait, and are read when it does. Look at clamd and at KBCHAT_CLAMD_ADDRESS.',
      off: () => 'Uploaded files are not scanned for malware. They are parsed in a sandbox all the same. Set KBCHAT_CLAMD_ADDRESS to have them scanned.',
    },
    older_office: {
      ok: () => 'LibreOffice is installed here: DOC, XLS, PPT and XLSB are read.',
      off: () =>
        'DOC, XLS, PPT and XLSB are refused. Install libreoffice-writer-nogui, libreoffice-calc-nogui and libreoffice-impress-nogui on the servers with workers, on a kernel with Landlock, and leave KBCHAT_CONVERT_OLDER_OFFICE on.',
    },
    recognition: {
      ok: ({ languages, missing }) => `Tesseract is installed here, with data for ${languages}.${missing ? ` None for ${missing}.` : ''}`,
      warning: ({ languages, missing }) =>
        `Tesseract has data for ${languages}, and none for ${missing}: install tesseract-ocr-eng and tesseract-ocr-chi-sim, then try files that were recognised unsurely again.`,
      off: () =>
        'Scanned pages and pictures are refused. Install tesseract-ocr and tesseract-ocr-chi-sim on the servers with workers, and name languages in KBCHAT_OCR_LANGUAGES.',
    },
    model: {
      ok: (able) => whatModelCan(able),
      warning: (able) =>
        `${whatModelCan(able)}. It tells no probabilities, so whether passages suffice is decided by search alone.`,
      failing: ({ reason }) =>
        `It does not answer (${reason}). Look at KBCHAT_LLM_BASE_URL and at the server; questions can be answered with quotes.`,
      off: () => 'None: answers are quotes from the documents. Set KBCHAT_LLM_BASE_URL for written answers.',
    },
  } as Record<string, Part>,
  settings: 'Settings',
  settingsLead: 'As this process has them. Secrets are not shown.',
  table: 'All settings',
  find: 'Find a setting',
  name: 'Setting',
  value: 'Value',
  from: 'Comes from',
  origins: { environment: 'the environment', default: 'the default' },
  secretSet: 'set, not shown',
  notSet: 'not set',
  noSetting: 'No setting has this in its name.',
};
