"""Turns a catalogue message and the facts of one lease into words; a missing name is an error, never a blank."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, TemplateNotFound, pass_context
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from channels.port import Outbound
from dialogs.lease import Lease
from dialogs.messages import CATALOGUE
from dialogs.offer import Offer, Proposal
from dialogs.renewal import Renewal
from dialogs.states import State

SHANGHAI = ZoneInfo("Asia/Shanghai")
LANGUAGES = ("zh", "en")
THING_MAX = 20
"""WeChat template values of kind ``thing`` hold 20 characters; longer ones are refused with 47003 (channels, 1.2)."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAY_PARAMS = ("due", "sign_by", "until", "move_out", "new_end", "expires_on")

ASIDES = frozenset({"greeting", "thanks", "acknowledged", "not_understood", "media_received", "welcome"})
"""Answers, beside those to questions, that leave a pending question pending."""
FACT_NAMES = frozenset(
    {"lang", "hello", "name", "home", "lease", "days_left", "offer", "accepted", "renewal", "housekeeper", "link"}
    | {"deposit_held", "deposit_short", "standing"}
)
"""What every message may use beside its own parameters."""

Params = Mapping[str, str | int | date | datetime]


class Wordless(LookupError):
    """A message, a parameter or a phrase does not exist; the text names it."""


class Facts(msgspec.Struct, frozen=True):
    """What one tenant's messages may say. ``today`` is the Shanghai date; empty names become polite general words."""

    renewal: Renewal
    today: date
    link: str
    name: str = ""
    housekeeper: str = ""


class Phrases:
    """Short words by section and key, in each language (``messages/phrases.toml``)."""

    def __init__(self, path: Path) -> None:
        self._sections: dict[str, dict[str, dict[str, str]]] = tomllib.loads(path.read_text("utf-8"))

    def say(self, key: str, section: str, lang: str = "zh") -> str:
        """Raises Wordless when the phrase is missing."""
        try:
            return self._sections[section][str(key)][lang]
        except KeyError:
            raise Wordless(f"no phrase {section}.{key} in {lang}") from None

    def keys(self, section: str) -> frozenset[str]:
        return frozenset(self._sections.get(section, ()))


class Renderer:
    """Messages out of ``<templates_dir>/messages/<key>/<lang>[.<channel>].txt``."""

    def __init__(self, templates_dir: Path) -> None:
        self.phrases = Phrases(templates_dir / "messages" / "phrases.toml")
        self._environment = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader(templates_dir / "messages"),
            undefined=StrictUndefined,
            autoescape=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        _teach(self._environment, self.phrases)
        self._found: dict[str, Template] = {}

    def text(self, key: str, params: Params, facts: Facts | None, lang: str = "zh", channel: str = "wechat") -> str:
        """The words of one message. ``facts`` None: somebody we cannot place (``stranger``, ``several_leases``).

        Raises Wordless for an unknown message or a missing parameter, jinja2.UndefinedError for an undeclared name.
        """
        context = {**(_known(facts, lang) if facts else {"lang": lang}), **_own(key, params)}
        names = (f"{key}/{lang}.{channel}.txt", f"{key}/{lang}.txt")
        template = self._found.get(names[0])
        if template is None:
            template = self._found[names[0]] = self._find(key, lang, names)
        return template.render(context).strip() + (self._aside(key, facts, lang) if facts else "")

    def _aside(self, key: str, facts: Facts, lang: str) -> str:
        """While a choice waits for its yes, each answer beside it says so: a yes must be to nothing else."""
        renewal = facts.renewal
        chosen = renewal.offer.find(renewal.chosen) if renewal.offer and renewal.chosen else None
        beside = key.startswith("answer_") or key in ASIDES
        if chosen is None or renewal.state is not State.CONFIRMING or not beside:
            return ""
        return "\n" + self.phrases.say("pending", "aside", lang) % chosen.number

    def _find(self, key: str, lang: str, names: tuple[str, ...]) -> Template:
        """Asked once per message, language and channel: looking costs as much as rendering a short text."""
        try:
            return self._environment.select_template(names)
        except TemplateNotFound:
            raise Wordless(f"message {key} has no words in {lang}") from None

    def outbound(self, key: str, params: Params, facts: Facts, lang: str = "zh", channel: str = "wechat") -> Outbound:
        """Text, and the values a template notice is filled with.

        ``thing`` (what it is), ``unit`` (which flat, both at most 20 characters), ``no`` (contract number), ``time``
        (the day that matters: due, sign by … else the lease's last day) and, where money is due, ``amount``.
        """
        text = self.text(key, params, facts, lang, channel)
        if key not in self.phrases.keys("notice"):
            return Outbound(text, link=facts.link)
        title = self.phrases.say(key, "notice", lang)
        return Outbound(text, title, _values(title, _own(key, params), facts, lang), facts.link)


def page_environment(templates_dir: Path) -> Environment:
    """For the tenant's page (``page/…``) and the console (``console/…``): HTML, escaped, the same filters.

    Every template is rendered with ``lang``.
    """
    environment = Environment(
        loader=FileSystemLoader(templates_dir),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    _teach(environment, Phrases(templates_dir / "messages" / "phrases.toml"))
    return environment


def _own(key: str, params: Params) -> dict[str, str | int | date | datetime]:
    message = CATALOGUE.get(key)
    if message is None:
        raise Wordless(f"no message {key} in the catalogue")
    missing = [name for name in message.params if name not in params]
    if missing:
        raise Wordless(f"message {key} needs {', '.join(missing)}")
    return {name: params[name] for name in message.params}


def _known(facts: Facts, lang: str) -> dict[str, object]:
    renewal, lease = facts.renewal, facts.renewal.lease
    held = lease.deposit_held if renewal.deposit_held is None else renewal.deposit_held
    due = renewal.accepted.deposit if renewal.accepted else lease.deposit_due
    return {
        "lang": lang,
        "hello": _hello(facts.name, lang),
        "name": facts.name or ("您" if lang == "zh" else "you"),
        "home": home(lease),
        "lease": lease,
        "days_left": (lease.end - facts.today).days,
        "offer": renewal.offer,
        "standing": _standing(facts),
        "accepted": renewal.accepted,
        "renewal": renewal,
        "housekeeper": facts.housekeeper or ("您的管家" if lang == "zh" else "your housekeeper"),
        "link": facts.link,
        "deposit_held": held,
        "deposit_short": max(0, due - held),
    }


def _standing(facts: Facts) -> Offer | None:
    """The offer, while it can still be taken."""
    offer = facts.renewal.offer
    if offer is None or offer.expires_at.astimezone(SHANGHAI).date() < facts.today:
        return None
    return offer


def _hello(name: str, lang: str) -> str:
    if lang == "zh":
        return f"{name}，您好" if name else "您好"
    return f"Hello {name}" if name else "Hello"


def home(lease: Lease) -> str:
    """The flat as its tenant calls it: community, building and room."""
    return f"{lease.unit.community}{lease.unit.building}{lease.unit.room}"


def _values(title: str, own: Params, facts: Facts, lang: str) -> dict[str, str]:
    when = next((own[name] for name in _DAY_PARAMS if name in own), facts.renewal.lease.end)
    assert not isinstance(when, int)
    values = {
        "thing": title[:THING_MAX],
        "unit": home(facts.renewal.lease)[:THING_MAX],
        "no": facts.renewal.lease.no,
        "time": show_day(when, lang),
    }
    amount = own.get("amount")
    return values | {"amount": f"¥{Decimal(amount) / 100:.2f}"} if isinstance(amount, int) else values


# --- what templates can do with a value -------------------------------------------------------------------------------
def _teach(environment: Environment, phrases: Phrases) -> None:
    @pass_context
    def word(context: Context, key: str, section: str) -> str:
        return phrases.say(key, section, context["lang"])

    @pass_context
    def title(context: Context, proposal: Proposal, rent_now: int) -> str:
        return phrases.say(title_key(proposal, rent_now), "proposal", context["lang"])

    @pass_context
    def day(context: Context, value: str | date | datetime) -> str:
        return show_day(value, context["lang"])

    @pass_context
    def moment(context: Context, value: str | datetime) -> str:
        return show_moment(value, context["lang"])

    @pass_context
    def steps(context: Context, proposal: Proposal) -> str:
        return show_steps(proposal, context["lang"])

    environment.filters |= {"word": word, "title": title, "day": day, "moment": moment, "steps": steps}
    environment.filters |= {"yuan": show_yuan, "capital": lambda words: words[:1].upper() + words[1:]}


def title_key(proposal: Proposal, rent_now: int) -> str:
    """A proposal is called by what it does to this tenant's rent, not by what the rule meant it to be."""
    if proposal.id == "keep" and proposal.first_rent < rent_now:
        return "keep_lower"
    if proposal.id == "rise" and proposal.first_rent <= rent_now:
        return "rise_level" if proposal.first_rent == rent_now else "rise_lower"
    return proposal.id


def show_yuan(fen: int) -> str:
    """``3,200`` or ``3,200.50``."""
    whole, rest = divmod(abs(fen), 100)
    sign = "-" if fen < 0 else ""
    return f"{sign}{whole:,}.{rest:02d}" if rest else f"{sign}{whole:,}"


def show_day(value: str | date | datetime, lang: str) -> str:
    """``2026年10月2日`` or ``Oct 2, 2026``; instants by their Shanghai date, text read as ISO."""
    instant = _instant(value)
    day = instant.astimezone(SHANGHAI).date() if isinstance(instant, datetime) else instant
    if lang == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{_MONTHS[day.month - 1]} {day.day}, {day.year}"


def show_moment(value: str | date | datetime, lang: str) -> str:
    """``10月2日 18:00`` or ``Oct 2, 18:00``, Shanghai time; a plain date is shown as a day."""
    instant = _instant(value)
    if not isinstance(instant, datetime):
        return show_day(instant, lang)
    local = instant.astimezone(SHANGHAI)
    day = f"{local.month}月{local.day}日" if lang == "zh" else f"{_MONTHS[local.month - 1]} {local.day},"
    return f"{day} {local:%H:%M}"


def _instant(value: str | date | datetime) -> date | datetime:
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if len(value) > len("2026-10-02") else date.fromisoformat(value)
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value


def show_steps(proposal: Proposal, lang: str) -> str:
    """Rent over time: ``每月3,200元``, or each year (or span of months) with its own."""
    if len({step.rent for step in proposal.steps}) == 1:
        return _each(show_yuan(proposal.first_rent), lang)
    yearly = all(step.months == 12 for step in proposal.steps)
    parts, month = [], 1
    for number, step in enumerate(proposal.steps, 1):
        span = _year(number, lang) if yearly else _span(month, month + step.months - 1, lang)
        parts.append(f"{span}{_each(show_yuan(step.rent), lang)}")
        month += step.months
    return ("，" if lang == "zh" else ", ").join(parts)


def _each(amount: str, lang: str) -> str:
    return f"每月{amount}元" if lang == "zh" else f"{amount} yuan a month"


def _year(number: int, lang: str) -> str:
    return f"第{number}年" if lang == "zh" else f"year {number}: "


def _span(first: int, last: int, lang: str) -> str:
    return f"第{first}–{last}个月" if lang == "zh" else f"months {first}–{last}: "
