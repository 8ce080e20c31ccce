# One image for web, worker and scheduler; docker-compose.yml says which command each runs.
FROM python:3.11-slim AS built
RUN pip install --no-cache-dir uv
WORKDIR /srv/followfriday
COPY requirements/base.txt requirements/base.txt
RUN python -m venv /srv/venv && uv pip sync --no-cache --require-hashes --python /srv/venv/bin/python requirements/base.txt

FROM python:3.11-slim
# fribidi: Pillow joins Arabic letters with it when share images are drawn.
RUN apt-get update && apt-get install -y --no-install-recommends libfribidi0 && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin followfriday \
    && install -d -o followfriday -g followfriday /data
COPY --from=built /srv/venv /srv/venv
WORKDIR /srv/followfriday
COPY manage.py ./
COPY ffapp ffapp
COPY accounts accounts
COPY recommendations recommendations
COPY templates templates
COPY static static
COPY locale locale
ENV PATH=/srv/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 FF_DATA_DIR=/data FF_STATIC_DIR=/srv/static
# Settings want keys; these are made for this one command and kept nowhere.
RUN env $(python -m ffapp.secrets) FF_BASE_URL=https://ff.example python manage.py collectstatic --no-input --verbosity 0
USER followfriday
VOLUME /data
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--blocking-threads", "4", "--no-log", "ffapp.wsgi:application"]
