# A static h5scout in an image without shell or package manager. docs/operations.md says how to run it.
#
#   docker build -t h5scout .        # or with --build-arg FEATURES=otel, for traces
#   docker run --read-only -p 8080:8080 -e S3_ENDPOINT -e S3_ACCESS_KEY -e S3_SECRET_KEY \
#       -v ./tokens:/etc/h5scout/tokens:ro h5scout s3://data --auth-token-file /etc/h5scout/tokens

ARG RUST_VERSION=1.95

FROM node:24-alpine AS page
WORKDIR /source
COPY web web
COPY crates/http/tests/http/snapshots crates/http/tests/http/snapshots
RUN cd web && npm ci && npm run build

FROM rust:${RUST_VERSION}-alpine AS build
# C for SQLite, zstd, jemalloc and the cryptography of rustls.
RUN apk add --no-cache build-base cmake linux-headers perl
WORKDIR /source
ARG FEATURES=""
COPY . .
COPY --from=page /source/web/dist web/dist
# The host of this image is musl: what it builds is static.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/source/target \
    cargo build --release --locked --package h5scout --features "$FEATURES" && cp target/release/h5scout /h5scout

# Has the certificates of public authorities, and a user 65532 that owns nothing.
FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /h5scout /usr/local/bin/h5scout
ENV H5SCOUT_LISTEN=0.0.0.0:8080 H5SCOUT_LOG_FORMAT=json
EXPOSE 8080
ENTRYPOINT ["/usr/local/bin/h5scout", "serve"]
