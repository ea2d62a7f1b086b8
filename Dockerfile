# Holdfast as a container; docs/install.md says how it is run.
#
#   docker build -t holdfast .
#
# Where Docker Hub or the npm registry cannot be reached, name your own:
#
#   docker build --build-arg NODE_IMAGE=… --build-arg NPM_REGISTRY=… -t holdfast .
ARG NODE_IMAGE=node:20-bookworm-slim

FROM ${NODE_IMAGE} AS packages
ARG NPM_REGISTRY=https://registry.npmjs.org/
WORKDIR /holdfast
COPY package.json package-lock.json .npmrc ./
# What is native comes ready built inside of packages, so that none of their scripts has to run here.
RUN npm ci --omit=dev --ignore-scripts --registry="${NPM_REGISTRY}"

FROM ${NODE_IMAGE} AS build
ARG NPM_REGISTRY=https://registry.npmjs.org/
WORKDIR /holdfast
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --registry="${NPM_REGISTRY}"
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN npx --no-install tsc -p tsconfig.build.json && chmod 755 dist/main.js

FROM ${NODE_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=
LABEL org.opencontainers.image.title="Holdfast" \
      org.opencontainers.image.description="GitOps for Docker" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
WORKDIR /opt/holdfast
COPY package.json LICENSE ./
COPY schemas schemas
# The engine builds the image of gateway and names from it.
COPY packaging/traffic packaging/traffic
COPY --from=packages /holdfast/node_modules node_modules
COPY --from=build /holdfast/dist dist
# A new volume takes over the owner of the folder that it is mounted on.
RUN ln -s /opt/holdfast/dist/main.js /usr/local/bin/holdfast && mkdir -m 700 /data && chown node:node /data
ENV NODE_ENV=production HOLDFAST_DATA=/data
WORKDIR /data
VOLUME /data
USER node
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=1m --timeout=10s --start-period=30s --retries=3 CMD ["holdfast", "status"]
ENTRYPOINT ["holdfast"]
CMD ["run"]
