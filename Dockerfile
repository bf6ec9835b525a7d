# One image for every role: `xuzu serve --role web|worker|all`, `xuzu migrate`.
FROM python:3.13-slim

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

# Contracts are printed by Pango with an embedded Chinese font.
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/*

RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/xuzu xuzu
WORKDIR /srv/xuzu

COPY requirements.lock ./
RUN python -m pip install --require-hashes --requirement requirements.lock

COPY pyproject.toml README.md LICENSE ./
COPY dialogs dialogs
COPY channels channels
COPY backend backend
COPY bot bot
COPY templates templates
COPY migrations migrations
# Editable: templates and migrations are read from beside the packages.
RUN python -m pip install --no-deps --no-build-isolation --editable .

USER xuzu
ENV XUZU_HOST=0.0.0.0 XUZU_PORT=8080
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8080/ready', timeout=2)"]

ENTRYPOINT ["xuzu"]
CMD ["serve", "--role", "all"]
