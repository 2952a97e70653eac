# The image: built from source on Debian, runs as uid 5060, keeps everything in /data.
#   docker build -t sip2mail .
#   docker compose -f deploy/compose.yaml up -d
# tests/image builds it and leaves a voicemail in it.
FROM debian:bookworm-slim AS build
ENV DEBIAN_FRONTEND=noninteractive
WORKDIR /source
# First what changes rarely: the packages stay in the cache while the source changes.
COPY deploy/install deploy/install
RUN deploy/install && rm -rf /var/lib/apt/lists/*
COPY CMakeLists.txt ./
COPY schema schema
COPY src src
COPY gateway gateway
RUN cmake -S . -B /build -G Ninja -DCMAKE_BUILD_TYPE=Release -DSIP2MAIL_TESTS=OFF \
      -DSIP2MAIL_QUEUE_DIRECTORY=/data -DCMAKE_INSTALL_PREFIX=/usr/local \
 && cmake --build /build --target sip2mail \
 && cmake --install /build --strip

FROM debian:bookworm-slim
# gpg by itself: GMime's library wants gnupg, and apt would take 90 MB of it.
RUN apt-get update -q \
 && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
      libboost-program-options1.74.0 libcpp-httplib0.11 libcrypt1 libcurl4 libgmime-3.0-0 libsndfile1 \
      libsofia-sip-ua0 libspdlog1.10 libspeexdsp1 libsqlite3-0 libssl3 libstdc++6 \
      gpg ca-certificates tzdata \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 5060 --user-group --home-dir /data --no-create-home --shell /usr/sbin/nologin sip2mail \
 && install -d -o sip2mail -g sip2mail -m 0750 /data
COPY --from=build /usr/local/bin/sip2mail /usr/local/bin/sip2mail
COPY LICENSE NOTICE /usr/share/doc/sip2mail/
USER 5060:5060
# No VOLUME: an anonymous one hides what was lost with its container. Give /data a volume with a name.
EXPOSE 5060/udp 5060/tcp 8080/tcp 20000-20099/udp
# SIGTERM drains: calls that run are recorded to their end, so give it more than call.max-length to stop.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["sip2mail", "health"]
ENTRYPOINT ["sip2mail"]
CMD ["serve"]
