"""What people and agents say when things go badly, in the three languages of the console: patterns, not understanding.

Each is a short list of the commonest words. They are evidence, weighed with everything else, never a verdict.
"""

import re

ANY_CASE = re.IGNORECASE
DISPLEASED = re.compile(
    r"upset|frustrat|angry|furious|unacceptable|ridiculous|disappoint|terrible|awful|annoy|useless|unhappy"
    r"|not happy|worst|complain|fed up|!!"
    r"|molest[ao]|enojad|inaceptable|frustrad|decepcion|indignad|p[ée]simo|reclam|absurd|raiva",
    ANY_CASE,
)
PUSHES = re.compile(
    r"^\W*(?:no|but|actually|wait|hold on|hmm|pero|espera|n[ãa]o|mas)\b|\bbut\b|\bare you sure\b"
    r"|check again|double.check|\bnot what\b|\bthat(?:'s| is)(?: not|n't)\b|\bi already\b|\bstill\b|\binstead\b"
    r"|\bi was told\b|\bmix.up\b|\bwrong\b|\bis there (?:any|no|another) |\bany (?:other )?way\b"
    r"|\bseguro que|\bya (?:lo )?(?:dije|hice)|\bde nuevo\b"
    r"|\bem vez\b|\bde novo\b|\btem certeza",
    ANY_CASE,
)
AGREES = re.compile(
    r"\b(?:yes|yep|yeah|sure|ok(?:ay)?|confirm\w*|go ahead|proceed|please do|sounds good|correct|agreed?|perfect"
    r"|s[íi]|adelante|confirmo|de acuerdo|vale|sim|pode|isso|concordo|claro)\b",
    ANY_CASE,
)
WISHES = re.compile(
    r"\b(?:also|additionally|another|as well|one more|besides|tambi[ée]n|adem[áa]s|tamb[ée]m|al[ée]m)\b", ANY_CASE
)
THANKS = re.compile(r"thank|appreciate|\bgreat\b|perfect|gracias|perfecto|obrigad|perfeito", ANY_CASE)
DECLINES = re.compile(
    r"unable to|\bcan(?:'t|not)\b|could(?:n't| not)|unfortunately|not (?:possible|allowed|eligible|permitted|available)"
    r"|no (?:puedo|es posible|se puede)|lamentablemente|n[ãa]o (?:posso|[ée] poss[íi]vel|podemos)|infelizmente",
    ANY_CASE,
)
TAKES_BACK = re.compile(
    r"apologi[sz]e|apologies|my mistake|mistake|oversight|confusion|misunderst|i was wrong|correction|incorrect"
    r"|(?:lo siento|disculp|perd[óo]n|me equivoqu|desculp|engan[eo])",
    ANY_CASE,
)
CLAIMS = re.compile(
    r"successfully|(?:has|have) (?:now )?been (?:\w+ly )?(?:cancel|book|updat|process|refund|chang|issu|creat|sent|add"
    r"|upgrad|modif|schedul|complet)"
    r"|\bi(?:'ve| have) (?:now )?(?:cancel|book|updat|process|refund|chang|issu|creat|sent|add)"
    r"|\b(?:ha sido|fue|he) (?:cancel|reserv|actualiz|proces|reembols|envi)"
    r"|\b(?:foi|j[áa]) (?:cancel|reserv|atualiz|process|reembols|envi)",
    ANY_CASE,
)
PROMISES = re.compile(
    r"\b(?:i|we)(?:'ll| will) (?!be (?:happy|glad|here|able)|need\b|do my)|\bshortly\b"
    r"|\bwill (?:contact|get back|follow up)|\b(?:voy a|le aviso|en breve|vou|em breve|entraremos)\b",
    ANY_CASE,
)
HANDS_OVER = re.compile(r"transfer|hand.?(?:off|over)|escalat|human|\bperson\b", ANY_CASE)
CONFIDENCE = re.compile(r'"confidence":\s*(0(?:\.\d+)?|1(?:\.0+)?)\b')
MONEY = re.compile(r"(?:[$€£]|R\$|USD|EUR|BRL)\s?(\d[\d.,]*\d|\d)")
_TOKEN = re.compile(r"[A-Za-z\d]+(?:\.\d+)?")
_DIGIT, _ORDINAL = re.compile(r"\d"), re.compile(r"(?<=\d)(?:st|nd|rd|th)$", ANY_CASE)


def figures(text: str) -> set[str]:
    """The numbers of two digits or more and the identifiers with digits in a text, written one way."""
    found = (_plain(token) for token in _TOKEN.findall(text.replace(",", "")) if _DIGIT.search(token))
    return {each for each in found if len(each) > 1}


def amounts(text: str) -> set[str]:
    """The sums of money in a text, written as `figures` writes them."""
    return figures(" ".join(MONEY.findall(text)))


def _plain(token: str) -> str:
    """255.0 and 255.00 are 255, 05 is 5, 20th is 20."""
    whole, _point, part = _ORDINAL.sub("", token).partition(".")
    return ((whole if not part.strip("0") else f"{whole}.{part}").lstrip("0") or "0").upper()
