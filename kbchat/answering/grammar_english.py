"""The English words that say how a question is built and not what it is about, as alternatives of a pattern."""

import re
from typing import Final

AUXILIARY: Final = (
    r"is|are|am|was|were|do|does|did|can|could|will|would|should|shall|may|might|must|has|have|had|need|be"
)
# With what denies it: "doesn't", "can't", "won't".
NEGATED: Final = rf"(?:{AUXILIARY}|wo)(?:n?['’]t)?"
PREPOSITION: Final = r"in|at|for|on|during|under|with|without|from|to|by|after|before|since|until|within|as"
PERSON: Final = (
    r"(?:(?:new|full-time|part-time|temporary|permanent|regular|remote|junior|senior|contract) )?"
    r"(?:employees?|staff|contractors?|managers?|supervisors?|interns?|part-timers?|directors?|executives?|"
    r"consultants?|freelancers?|hires?|members?|students?|spouses?|partners?|dependents?)"
)
SUBJECT: Final = (
    rf"(?:the|our) company|i|we|you|one|people|somebody|someone|anyone|(?:an? |the |our |my )?{PERSON}"
)
# Verbs that say what is done with a topic and are no part of it.
DEED: Final = (
    r"request|get|apply for|apply|book|take|use|file|submit|claim|report|ask for|find|access|open|change|"
    r"set up|"
    r"order|buy|join|cancel|register for|register|sign up for|see|check|know about|know|have|need|receive|"
    r"earn|"
    r"accrue|carry over|approve|handle|manage|pay for|pay|own|sign|decide on|decide|review|lead|write|send|"
    r"start|keep|maintain|run|spend on|spend|"
    r"expense|reimburse|cover|qualify for|be eligible for|go on|work on|work with|contact|make|create"
)
# Predicates that end a topic: "the travel policy | take effect".
PREDICATE: Final = (
    r"take effect|take|start|begin|end|expire|apply|open|close|happen|last|cost|become|change|work|come|go|"
    r"look|mean|"
    r"include|cover|require|allow|provide|offer|stand for|pay|get|entitled|eligible|allowed|due|required"
)
# What a thing is or becomes, at the end of a question: "the files | kept".
STATE: Final = (
    r"kept|stored|located|paid|calculated|approved|reimbursed|covered|included|possible|permitted|mandatory|optional|"
    r"available|forbidden|prohibited|taxed|taxable|deductible|refundable"
)
UNIT: Final = (
    r"(?:working |business |calendar |paid )?(?:days?|hours?|weeks?|months?|years?|kinds?|types?|percent)"
)
# "IT" is the department, "US" the country.
FUNCTION_WORD: Final = re.compile(
    rf"^(?:{AUXILIARY}|{PREPOSITION}|of|the|an?|my|our|your|their|its|any|how|what|which|who|when|where|"
    r"why|per|each|every|"
    r"many|much|long|often|i|we|you|he|she|(?-i:[Ii]t)|they|there|and|or|not|if|me|(?-i:us)|that|this|these|those)$",
    re.IGNORECASE,
)
