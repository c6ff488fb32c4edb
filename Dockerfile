# The image of both roles. Build the program first (./mvnw -DskipTests package), then: docker build .
# The jar that was tested is the jar that ships.
ARG JDK_IMAGE=eclipse-temurin:25-jdk
ARG BASE_IMAGE=gcr.io/distroless/base-nossl-debian13:nonroot

# A Java runtime of the modules that the program uses.
FROM ${JDK_IMAGE} AS runtime
COPY target/workspace-operator.jar /app/
COPY target/lib /app/lib
RUN set -eu; \
    modules=$(jdeps --print-module-deps --ignore-missing-deps --multi-release 25 --recursive \
      --class-path '/app/lib/*' /app/workspace-operator.jar); \
    jlink --add-modules "$modules" \
      --strip-java-debug-attributes --no-header-files --no-man-pages --compress zip-6 --output /opt/java; \
    find /app /opt/java -exec touch --no-dereference --date=@1767225600 {} +

# The classes of a start, parsed and linked ahead of time. Its database does not answer, so the run is ended.
FROM ${JDK_IMAGE} AS ahead-of-time
COPY --from=runtime /opt/java /opt/java
COPY --from=runtime /app /app
RUN set -eu; \
    timeout --signal=TERM 15 /opt/java/bin/java -XX:AOTCacheOutput=/app/workspace-operator.aot \
      -XX:+UseSerialGC -XX:+UseCompactObjectHeaders \
      -jar /app/workspace-operator.jar api --address=127.0.0.1:0 --management-address=127.0.0.1:0 \
      --database-url=postgresql://nobody@127.0.0.1:9/none > /tmp/training.log 2>&1 || test $? -eq 124; \
    test -s /app/workspace-operator.aot || { cat /tmp/training.log; exit 1; }

FROM ${BASE_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG CREATED=2026-01-01T00:00:00Z
LABEL org.opencontainers.image.title="Workspace Operator" \
      org.opencontainers.image.description="Declares, changes and enforces budgets, run caps and kill switches of AI agent workspaces on Kubernetes." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
COPY --from=runtime /opt/java /opt/java
COPY --from=ahead-of-time /app /app
ENV PATH=/opt/java/bin:/usr/bin:/bin
USER 65532:65532
WORKDIR /app
EXPOSE 8080 9090
# The role is the first argument. A garbage collector other than the serial one makes Java ignore the cache.
ENTRYPOINT ["java", "-XX:AOTCache=/app/workspace-operator.aot", "-XX:+UseCompactObjectHeaders", "-XX:-UsePerfData", "-jar", "/app/workspace-operator.jar"]
