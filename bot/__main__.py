"""``xuzu``: one command with a word for each thing an engineer or a supervisor does."""

from __future__ import annotations

import argparse
import asyncio
import io
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from backend.db.port import SchemaBehind, StoreDown
from bot.settings import Settings, SettingsError, read_settings


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code: 0 done, 1 the work failed and says why, 2 the command or a setting is wrong."""
    arguments = _parser().parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for talkative in ("alembic", "transitions"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    run: Callable[[argparse.Namespace], int] = arguments.run
    try:
        return run(arguments)
    except SettingsError as wrong:
        print(wrong, file=sys.stderr)
        return 2
    except (StoreDown, SchemaBehind) as down:
        print(f"{down}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="xuzu", description="Renews apartment leases by conversation.")
    words = parser.add_subparsers(required=True, metavar="COMMAND")
    serving = _word(words, "serve", "serve the doors and run the workers", _serve)
    serving.add_argument("--role", choices=("web", "worker", "all"), help="default: XUZU_ROLE, else all")
    _word(words, "migrate", "bring the database to this version's schema", _migrate)
    _word(words, "doctor", "say what is configured, reachable and missing", _doctor)
    importing = _word(words, "import", "read a lease ledger: CSV or XLSX", _import)
    importing.add_argument("file", type=Path)
    importing.add_argument("--dry-run", action="store_true", help="report only, change nothing")
    exporting = _word(words, "export", "write renewed leases for the ERP", _export)
    exporting.add_argument("file", type=Path)
    exporting.add_argument("--format", choices=("csv", "xlsx"), help="default: by the file's ending")
    reconciling = _word(words, "reconcile", "compare a day with the partners' own records", _reconcile)
    reconciling.add_argument("--day", help="YYYY-MM-DD; default: yesterday in Shanghai")
    demo = _word(words, "demo", "play a quarter in two minutes with simulated tenants and partners", _demo)
    demo.add_argument("--once", action="store_true", help="stop after the cycle")
    demo.add_argument("--phone", action="store_true", help="no season: hold the tenants' phones yourself")
    demo.add_argument("--report", type=Path, help="write the figures as JSON")
    demo.add_argument("--seed", type=int, default=2026)
    demo.add_argument("--port", type=int, default=8080)
    demo.add_argument("--folder", type=Path, default=Path("var/demo"))
    demo.add_argument("--database", default="", help="an empty PostgreSQL database instead of SQLite in the folder")
    demo.add_argument("--redis", default="", help="a Redis for hints and tokens")
    demo.add_argument("--kills", type=int, default=0, help="kill the server so many times on the way (for tests)")
    _word(words, "understand", "read JSON lines {id, context, text}, say what was understood", _understand)
    talking = _word(words, "talk", "be a tenant in a terminal, against the real rules", _talk)
    talking.add_argument("--sms", action="store_true", help="a tenant with nothing but a phone number")
    _word(words, "diagram", "print the state diagram (Mermaid)", _diagram)
    bench = _word(words, "bench", "ratios of one run against straight-line floors", _bench)
    bench.add_argument("rest", nargs=argparse.REMAINDER)
    return parser


def _word(
    words: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    what: str,
    run: Callable[[argparse.Namespace], int],
) -> argparse.ArgumentParser:
    parser = words.add_parser(name, help=what, description=what)
    parser.set_defaults(run=run)
    return parser


def _settings() -> Settings:
    return read_settings(os.environ)


def _serve(arguments: argparse.Namespace) -> int:
    import uvloop
    from aiohttp import web

    from bot.app import build

    settings = _settings()
    if arguments.role:
        settings = msgspec.structs.replace(settings, role=arguments.role)
    uvloop.install()
    web.run_app(build(settings), host=settings.host, port=settings.port, print=None, access_log=None)
    return 0


def _migrate(_: argparse.Namespace) -> int:
    from backend.db.migrate import upgrade

    asyncio.run(upgrade(_settings().database_url))
    return 0


def _doctor(_: argparse.Namespace) -> int:
    from bot.doctor import examine

    return asyncio.run(examine(_settings()))


def _import(arguments: argparse.Namespace) -> int:
    from bot.importing import import_command

    return asyncio.run(import_command(_settings(), arguments.file, dry_run=arguments.dry_run))


def _export(arguments: argparse.Namespace) -> int:
    from bot.exporting import export_command

    return asyncio.run(export_command(_settings(), arguments.file, arguments.format))


def _reconcile(arguments: argparse.Namespace) -> int:
    from bot.reconcile_command import reconcile_command

    return asyncio.run(reconcile_command(_settings(), arguments.day))


def _demo(arguments: argparse.Namespace) -> int:
    from bot.demo import play
    from bot.demo_by_hand import play_by_hand

    return asyncio.run((play_by_hand if arguments.phone else play)(arguments))


def _understand(_: argparse.Namespace) -> int:
    from bot.understanding import understand_lines

    return understand_lines(sys.stdin)


def _talk(arguments: argparse.Namespace) -> int:
    from bot.talk_terminal import talk

    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")
    return talk(by_sms=arguments.sms)


def _diagram(_: argparse.Namespace) -> int:
    from dialogs.drawing import mermaid

    print(mermaid(None), end="")
    return 0


def _bench(arguments: argparse.Namespace) -> int:
    from bot.bench import main as bench

    return bench(arguments.rest)


if __name__ == "__main__":
    sys.exit(main())
